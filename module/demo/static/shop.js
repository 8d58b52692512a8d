// Puts things into the cart without leaving the page. Everything works without this file.
const form = document.querySelector("form[action='/cart/add']");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("#add-to-cart");
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) { document.querySelector("main").replaceWith(page.querySelector("main")); return; }
    document.getElementById("cart-count").textContent = page.getElementById("cart-count").textContent;
    let done = document.getElementById("in-cart");
    if (!done) {
      done = document.createElement("p");
      done.id = "in-cart";
      done.className = "note note--good";
      done.setAttribute("role", "status");
      form.after(done);
    }
    done.innerHTML = 'It is in the cart. <a href="/cart/">To the cart</a>';
  } catch {
    form.submit();
  } finally {
    button.removeAttribute("aria-busy");
  }
});
