// Imports: a file is dropped or chosen and sent in parts, so that no limit on a request's size stands in the way, and the
// first rows follow the settings. Without this module the forms do the same: a file goes whole, a button shows the rows.

for (const el of document.querySelectorAll("[data-plain]")) el.hidden = true;
for (const el of document.querySelectorAll("[data-scripted]")) el.hidden = false;

const upload = document.getElementById("upload");

if (upload) {
  const input = upload.elements.file;
  const drop = upload.querySelector(".drop");
  const error = document.getElementById("upload-error");
  const part = Number(upload.dataset.part);

  const say = (text) => {
    error.textContent = text;
    error.hidden = !text;
  };

  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (e) => {
      e.preventDefault();
      drop.dataset.over = "";
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => delete drop.dataset.over);
  drop.addEventListener("drop", (e) => {
    e.preventDefault();
    if (e.dataTransfer.files.length) input.files = e.dataTransfer.files;
  });

  const post = async (address, body) => {
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRF-Token": upload.elements._csrf.value }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status === 413 ? await answer.text() : "");
    return answer;
  };

  // Each part is tried three times: a shop's office is not always well connected.
  const send = async (address, bytes) => {
    for (let left = 2; ; left--) {
      try {
        return await post(address, bytes);
      } catch (e) {
        if (e.message && e.name === "Error") throw e;
        if (!left) throw e;
        await new Promise((on) => setTimeout(on, 1000));
      }
    }
  };

  upload.addEventListener("submit", async (e) => {
    const file = input.files[0];
    if (!file) return;
    e.preventDefault();
    say("");
    if (file.size > Number(upload.dataset.most)) return say(document.getElementById("too-large").textContent);
    const button = upload.querySelector("button");
    const bar = document.getElementById("sent");
    button.disabled = true;
    document.getElementById("sending").hidden = false;
    try {
      const about = new FormData();
      about.set("name", file.name);
      const { path } = await (await post(upload.dataset.begin, about)).json();
      for (let n = 0; n * part < file.size; n++) {
        await send(`${path}/parts/${n}`, await file.slice(n * part, (n + 1) * part).arrayBuffer());
        bar.value = Math.min(100, ((n + 1) * part * 100) / file.size);
      }
      bar.removeAttribute("value"); // reading it takes as long as it takes
      const read = document.createElement("form");
      read.method = "post";
      read.action = `${path}/read`;
      read.append(upload.elements._csrf.cloneNode());
      document.body.append(read);
      read.submit();
    } catch (e) {
      say((e.name === "Error" && e.message) || document.getElementById("broke-off").textContent);
      document.getElementById("sending").hidden = true;
      button.disabled = false;
    }
  });
}

const columns = document.getElementById("columns");

if (columns) {
  let stop = new AbortController();
  document.addEventListener("change", async (e) => {
    if (e.target.form !== columns) return;
    stop.abort();
    stop = new AbortController();
    const body = new URLSearchParams(new FormData(columns));
    body.set("do", "preview");
    body.set("part", "preview");
    try {
      const answer = await fetch(columns.action, { method: "POST", body, signal: stop.signal, redirect: "error" });
      if (!answer.ok) return;
      const parts = document.createElement("template");
      parts.innerHTML = await answer.text();
      document.getElementById("preview").replaceWith(parts.content.firstElementChild);
    } catch {
      // A further change has overtaken this one, or the session has ended: the next page tells.
    }
  });
}
