// The segment builder without waiting for whole pages: every change is sent as the form would send it; first the
// conditions come back, at once, then the figures. Without this module each button does the same as a page.

const form = document.getElementById("builder");
let turn = 0;
let stop = new AbortController();

const ask = async (action, part) => {
  const body = new URLSearchParams(new FormData(form));
  body.set("do", action);
  body.set("part", part);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, signal: stop.signal, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(`<form>${await answer.text()}</form>`, "text/html");
  return page.querySelector("form");
};

// What the control is called survives a new drawing; where it stood on the screen follows from that.
const nameOf = (el) => (el && form.contains(el) && el.name ? { name: el.name, value: el.type === "radio" || el.type === "checkbox" || el.tagName === "BUTTON" ? el.value : null } : null);
const find = (n) => n && [...form.elements].find((el) => el.name === n.name && (n.value === null || el.value === n.value));

const build = async (action) => {
  const mine = ++turn;
  stop.abort();
  stop = new AbortController();
  try {
    if (action !== "refresh" && action !== "others") {
      const fresh = await ask(action, "form");
      if (mine !== turn) return;
      const at = nameOf(document.activeElement);
      const side = form.querySelector("#side");
      const hits = new Map([...form.querySelectorAll(".hits")].map((el) => [el.id, el.textContent]));
      fresh.querySelector("#side").replaceWith(side);
      form.replaceChildren(...fresh.childNodes);
      if (action === "change") for (const [id, text] of hits) form.querySelector(`#${id}`)?.append(text);
      const [, place] = action.match(/^(?:add|group|not):(.+)$/) ?? [];
      const made = place && [...form.querySelectorAll(`[id^="kind-${place}-"]`)].at(-1);
      (made ?? find(at) ?? [...form.querySelectorAll(".verb")].at(-1))?.focus();
    }
    form.querySelector("#side").setAttribute("aria-busy", "true");
    const full = await ask(action === "others" ? "others" : "refresh", "figures");
    if (mine !== turn) return;
    form.elements.seed.value = full.querySelector("[name=seed]").value;
    for (const el of form.querySelectorAll(".hits")) el.textContent = full.querySelector(`#${el.id}`)?.textContent ?? "";
    const at = nameOf(document.activeElement);
    form.querySelector("#side").replaceWith(full.querySelector("#side"));
    if (!form.contains(document.activeElement)) find(at)?.focus();
  } catch (e) {
    if (e.name === "AbortError") return;
    form.requestSubmit(); // the session may have ended: the page itself says so
  }
};

form.addEventListener("input", () => {
  const badge = document.getElementById("unsaved");
  if (badge) badge.hidden = false;
});

form.addEventListener("change", (e) => {
  if (e.target.name && e.target.name !== "name") build("change");
});

form.addEventListener("submit", (e) => {
  const button = e.submitter;
  if (!button || button.name !== "do" || button.hasAttribute("formaction")) return;
  e.preventDefault();
  if (/^(add|group|not|remove):/.test(button.value)) form.dispatchEvent(new Event("input"));
  build(button.value);
});
