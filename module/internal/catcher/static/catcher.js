// Shows new mail as it comes: asks for the newest id and reloads the list when it has changed.
const list = document.getElementById("messages");
if (list?.dataset.follow === "true") {
  setInterval(async () => {
    if (document.hidden || document.activeElement?.id === "to") return;
    try {
      const [newest] = await (await fetch("/api/messages?limit=1")).json();
      if (newest && String(newest.id) !== list.dataset.newest) location.reload();
    } catch { /* the catcher is being restarted */ }
  }, 3000);
}
