// Enrolment: uploads and folders of the server's machine become jobs, which the page Jobs shows.
import { send, words } from "./api.js";
import { complain, content, element, find, plural } from "./dom.js";

export function startAdding() {
  find("#upload").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value === "") body.delete(name);
    begin(form, "enroll", body);
  });
  find("#paths")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    begin(form, "enroll-paths", { paths: [form.elements.path.value], labels: form.elements.labels.value });
  });
}

async function begin(form, address, body) {
  content();
  const button = find("button[type=submit]", form);
  button.disabled = true;
  find("#adding").textContent = "Sending…";
  try {
    const { fields } = await send(address, body);
    const images = fields.images === null ? "the images" : plural(fields.images, "image");
    const link = element("a", { href: `/jobs#job-${fields.id}` }, "Watch the job");
    find("#adding").replaceChildren(element("p", {}, `A job takes up ${images}. `, link));
    form.reset();
  } catch (error) {
    find("#adding").replaceChildren();
    complain(words(error));
  }
  button.disabled = false;
}
