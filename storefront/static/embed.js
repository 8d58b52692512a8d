// Kupec's sign-up form. Put <div data-kupec-form></div> where it shall stand and load this file once, with async.
// data-lang, data-shop (the shop's name in Kupec), data-name (the shop's name for people), data-topic (keys, blanks between).
(() => {
  "use strict";
  const words = __WORDS__, action = __ACTION__;
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    node.append(...children);
    return node;
  };
  let count = 0;
  const build = (place) => {
    if (place.dataset.kupecReady) return;
    place.dataset.kupecReady = "1";
    const wanted = (place.dataset.lang || document.documentElement.lang || "en").toLowerCase().split("-")[0];
    const lang = words[wanted] ? wanted : "en", say = words[lang], id = "kupec-" + ++count;
    const email = make("input", { type: "email", name: "email", id, autocomplete: "email", maxlength: 254, required: "", "aria-describedby": id + "-say" });
    const trap = make("input", { name: "website", tabindex: -1, autocomplete: "off", "aria-hidden": "true" });
    trap.style.cssText = "position:absolute;left:-9999px;width:1px;height:1px";
    const button = make("button", { type: "submit" }, say.button);
    const status = make("p", { id: id + "-say", role: "status", class: "kupec-status" });
    const form = make("form", { action, method: "post", class: "kupec-form", novalidate: "" },
      make("input", { type: "hidden", name: "lang", value: lang }),
      make("input", { type: "hidden", name: "shop", value: place.dataset.shop || "" }),
      make("label", { for: id }, say.email), email, trap, button,
      make("p", { class: "kupec-consent" }, say.consent.replace("{shop}", place.dataset.name || location.hostname)), status);
    for (const topic of (place.dataset.topic || "newsletter").split(/\s+/))
      form.prepend(make("input", { type: "hidden", name: "topic", value: topic }));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      email.removeAttribute("aria-invalid");
      status.textContent = say.sending;
      try {
        const reply = await fetch(action, { method: "POST", credentials: "omit", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
        const told = await reply.json();
        if (told.ok) {
          const done = make("p", { role: "status", tabindex: -1, class: "kupec-done" }, make("strong", {}, told.title), " ", told.message);
          form.replaceWith(done);
          done.focus();
          return;
        }
        status.textContent = told.errors ? Object.values(told.errors).join(" ") : told.message;
        if (told.errors && told.errors.email) {
          email.setAttribute("aria-invalid", "true");
          email.focus();
        }
      } catch {
        status.textContent = say.failed;
      }
      button.disabled = false;
    });
    place.replaceChildren(form);
  };
  const all = () => document.querySelectorAll("[data-kupec-form]").forEach(build);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
