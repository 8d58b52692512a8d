// What HTML cannot do, for every page. Pages work without it.

const typing = (el) => el.closest("input, textarea, select, [contenteditable]");

// "/" and Ctrl-K go to the search field.
document.addEventListener("keydown", (e) => {
  const search = document.getElementById("q");
  if (!search) return;
  if ((e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !typing(e.target)) || (e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey))) {
    e.preventDefault();
    search.focus();
    search.select();
  }
});

// Arrow keys walk a chart's points; only the last one is in the tab order.
document.addEventListener("keydown", (e) => {
  const point = e.target.closest?.(".pt");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
  if (!point || !step) return;
  const all = [...point.parentNode.querySelectorAll(":scope > .pt")];
  const to = all[all.indexOf(point) + step];
  if (!to) return;
  e.preventDefault();
  point.removeAttribute("tabindex");
  to.setAttribute("tabindex", "0");
  to.focus();
});

// A picture that the shop does not give leaves its quiet ground, not a torn page.
document.addEventListener("error", (e) => {
  if (e.target.matches?.("img.thumb")) e.target.src = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
}, true);
for (const img of document.querySelectorAll("img.thumb")) if (img.complete && !img.naturalWidth) img.dispatchEvent(new Event("error"));

// The chosen tab is in sight, also where tabs scroll sideways.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// data-submit: a control that sends its form when it changes.
document.addEventListener("change", (e) => {
  if (e.target.matches("[data-submit]")) e.target.form?.requestSubmit();
});

// Dialogs opened by commandfor, where the browser does not know it (Safari before 26.2, Firefox before 144).
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    e.preventDefault();
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  });
}

// data-dialog="id": a link to a page that asks, which a dialog of this page asks as well.
document.addEventListener("click", (e) => {
  const link = e.target.closest("a[data-dialog]");
  const dialog = link && document.getElementById(link.dataset.dialog);
  if (!dialog || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  link.closest("[popover]")?.hidePopover();
  dialog.showModal();
});

// data-live="address" data-every="seconds": the element's content is fetched again and again while the page is in sight.
// It is left alone while somebody uses it. An answer of 204 ends it; X-Reload loads the page anew, for work that is done.
for (const el of document.querySelectorAll("[data-live]")) {
  const every = Math.max(1, Number(el.dataset.every) || 3) * 1000;
  const turn = async () => {
    if (document.hidden || el.querySelector(":popover-open") || el.contains(document.activeElement)) return void setTimeout(turn, every);
    try {
      const answer = await fetch(el.dataset.live, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
      if (answer.status === 204) return;
      if (answer.headers.get("X-Reload")) return void location.reload();
      if (answer.ok) {
        const html = await answer.text();
        if (html !== el.dataset.last) {
          el.innerHTML = html;
          el.dataset.last = html;
        }
      }
    } catch {
      // The server is away or the session has ended: the next turn tells.
    }
    setTimeout(turn, every);
  };
  setTimeout(turn, every);
}
