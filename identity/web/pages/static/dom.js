// Elements, messages and keys: what every page's script needs of the document. Text is only ever set as text.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") made[name] = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const find = (selector, within = document) => within.querySelector(selector);

let timer;

// Says what was done for some seconds; `action` is a button beside it, such as Undo.
export function say(text, action = null, seconds = 8) {
  const place = find("#said");
  clearTimeout(timer);
  place.replaceChildren(element("div", {}, element("span", {}, text), action && element("button", { type: "button", onclick: action.run }, action.label)));
  timer = setTimeout(() => place.replaceChildren(), seconds * 1000);
}

// Shows a problem until somebody closes it or the next one comes.
export function complain(text) {
  const place = find("#problem");
  const close = element("button", { type: "button", onclick: () => place.replaceChildren() }, "Close");
  place.replaceChildren(element("div", {}, element("span", {}, text), close));
}

export function content() {
  find("#problem").replaceChildren();
}

export const typing = (event) => event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select") !== null;

// What samples of this gallery show, in a word: face or sample.
export const seen = document.body.dataset.seen;

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

// The same act, however often it is asked for: once before the next frame is drawn.
export function onceAFrame(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      act();
    });
  };
}

// Asks before something that cannot be taken back; resolves to whether it is wanted.
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const asking = element("dialog", { "aria-labelledby": "asked" },
      element("form", { method: "dialog" },
        element("p", { id: "asked" }, question),
        element("div", { class: "bar" },
          element("button", { value: "no", class: "push" }, "Cancel"),
          element("button", { value: "yes", class: "danger" }, yes))));
    asking.addEventListener("close", () => {
      asking.remove();
      resolve(asking.returnValue === "yes");
    });
    document.body.append(asking);
    asking.showModal();
  });
}
