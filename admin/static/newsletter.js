// The newsletter editor: saves while one types, refreshes the preview, inserts fields, and lets blocks be dragged.
// Without it everything is done by the form's buttons.

const form = document.querySelector("form[data-autosave]");
const mail = document.getElementById("mail");
const as = document.getElementById("as");

// Buttons that only pages without script need.
for (const button of document.querySelectorAll("[data-plain]")) button.hidden = true;

// A link to a question opens the question over the page.
document.addEventListener("click", (e) => {
  const dialog = document.getElementById(e.target.closest?.("[data-dialog]")?.dataset.dialog);
  if (!dialog) return;
  e.preventDefault();
  dialog.showModal();
});

// The preview as somebody else needs no new page.
as?.addEventListener("change", async (e) => {
  e.stopPropagation(); // app.js would send the form
  const path = mail.src.split("?")[0];
  const query = "?as=" + encodeURIComponent(as.value);
  mail.src = path + query;
  document.getElementById("plain").href = path.replace(/preview$/, "text") + query;
  for (const field of document.querySelectorAll("input[name=as]")) field.value = as.value;
  const answer = await fetch(path.replace(/preview$/, "envelope") + query, { redirect: "error" });
  if (answer.ok) put(await answer.text());
});

// put replaces the elements that an answer holds, by id.
function put(html) {
  const parts = document.createElement("template");
  parts.innerHTML = html;
  for (const part of [...parts.content.children]) {
    const old = part.id && document.getElementById(part.id);
    if (old) old.replaceWith(part);
  }
}

if (form) {
  let timer = 0;
  let saving = null;
  let again = false;

  const save = async () => {
    clearTimeout(timer);
    if (saving) {
      again = true;
      return;
    }
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "autosave");
    saving = fetch(form.action + "?as=" + encodeURIComponent(as?.value ?? ""), { method: "POST", body, redirect: "error" });
    try {
      const answer = await saving;
      if (answer.ok || answer.status === 409 || answer.status === 422) put(await answer.text());
      if (answer.ok) mail.src = mail.src;
      if (answer.status === 409) again = false;
    } catch {
      // The server is away: the next change tries again, and the button Save says what is wrong.
    }
    saving = null;
    if (again) {
      again = false;
      save();
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, 700);
  };
  form.addEventListener("input", (e) => {
    if (!e.target.name?.startsWith("find.")) soon();
  });

  // A button that sends the whole form waits for a save that is on its way, or the two would be in conflict.
  form.addEventListener("submit", (e) => {
    clearTimeout(timer);
    again = false;
    if (!saving) return;
    e.preventDefault();
    const button = e.submitter;
    saving.finally(() => setTimeout(() => form.requestSubmit(button)));
  });

  // Enter in a search field presses its own button.
  form.addEventListener("keydown", (e) => {
    const button = e.key === "Enter" && document.getElementById(e.target.dataset?.enter);
    if (!button) return;
    e.preventDefault();
    form.requestSubmit(button);
  });

  // Fields go in where the cursor was last.
  let last = document.getElementById("subject");
  form.addEventListener("focusin", (e) => {
    if (e.target.matches("[data-tags]")) last = e.target;
  });
  form.addEventListener("click", (e) => {
    const tag = e.target.closest("[data-insert]");
    if (!tag) return;
    last.setRangeText(tag.dataset.insert, last.selectionStart, last.selectionEnd, "end");
    tag.closest("[popover]").hidePopover();
    last.focus();
    soon();
  });

  // Blocks are dragged by their grip; the order of the fields in the form is their order.
  const blocks = document.getElementById("blocks");
  let dragged = null;
  blocks.addEventListener("pointerdown", (e) => {
    const grip = e.target.closest("[data-grip]");
    if (grip) grip.closest(".block").draggable = true;
  });
  blocks.addEventListener("dragstart", (e) => {
    dragged = e.target.closest(".block");
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", "");
  });
  blocks.addEventListener("dragover", (e) => {
    const over = e.target.closest?.(".block");
    if (!dragged) return;
    e.preventDefault();
    if (!over || over === dragged || over.parentNode !== blocks) return;
    const box = over.getBoundingClientRect();
    if (e.clientY < box.top + box.height / 2) over.before(dragged);
    else over.after(dragged);
  });
  blocks.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.draggable = false;
    dragged = null;
    save();
  });
}
