// Faces of any number as a grid to choose from: only those in sight are elements. Mouse, touch and keys choose alike.
import { element, onceAFrame } from "./dom.js";
import { COLUMNS, OF_A_SHEET, sheet, unhurried } from "./sheets.js";

const GAP = 6;
const BEYOND = 2;

export class Grid {
  // `caption(face)` says what a face's cell shows and is called; `changed` is told when others are chosen.
  constructor(place, { caption, changed, opened }) {
    Object.assign(this, { place, caption, changed, opened });
    this.faces = [];
    this.chosen = new Set();
    this.active = 0;
    this.from = 0;
    this.wanted = this.px = 128;
    this.pictured = true;
    this.shown = new Map();
    const soon = onceAFrame(() => this.draw());
    addEventListener("scroll", soon, { passive: true });
    new ResizeObserver(soon).observe(place);
    place.addEventListener("keydown", (event) => this.pressed(event));
    place.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // chooses, selects no text
    place.addEventListener("click", (event) => this.clicked(event));
    place.addEventListener("dblclick", (event) => this.at(event) !== null && this.opened(this.faces[this.at(event)]));
  }

  show(faces) {
    this.faces = faces;
    const ids = new Set(faces.map((one) => one.id));
    this.chosen = new Set([...this.chosen].filter((id) => ids.has(id)));
    this.active = Math.max(0, Math.min(this.active, faces.length - 1));
    this.forget();
    this.draw();
    this.changed();
  }

  size(px) {
    this.wanted = px;
    this.draw();
  }

  forget() {
    this.place.replaceChildren();
    this.shown.clear();
  }

  get step() {
    return this.px + GAP;
  }

  draw() {
    const wide = Math.max(1, Math.round((this.place.clientWidth + GAP) / (this.wanted + GAP)));
    const px = Math.floor((this.place.clientWidth + GAP) / wide) - GAP;
    if (wide !== this.wide || px !== this.px) this.forget();
    Object.assign(this, { wide, px });
    const lines = Math.ceil(this.faces.length / wide);
    this.place.style.height = `${lines * this.step}px`;
    const above = -this.place.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / this.step) - BEYOND) * wide;
    const end = Math.min(this.faces.length, (Math.ceil((above + innerHeight) / this.step) + BEYOND) * wide);
    for (const [index, cell] of this.shown) {
      if (index >= first && index < end) continue;
      cell.remove();
      this.shown.delete(index);
    }
    const more = document.createDocumentFragment();
    for (let index = first; index < end; index++) if (!this.shown.has(index)) more.append(this.cell(index));
    this.place.append(more);
    this.mark();
  }

  cell(index) {
    const face = this.faces[index];
    const { far, told, aside, called } = this.caption(face, index);
    const made = element("div", { class: aside ? "face aside" : "face", role: "option", id: `face-${index}`, "data-index": index, "aria-label": called },
      element("span", { class: "far" }, far), told && element("span", { class: "told" }, "✓"));
    const { style } = made;
    style.width = style.height = `${this.px}px`;
    style.transform = `translate(${(index % this.wide) * this.step}px, ${Math.floor(index / this.wide) * this.step}px)`;
    if (this.pictured) unhurried(made, () => this.paint(style, index));
    this.shown.set(index, made);
    return made;
  }

  paint(style, index) {
    const from = index - (index % OF_A_SHEET);
    const ids = this.faces.slice(from, from + OF_A_SHEET).map((one) => one.id);
    const at = index % OF_A_SHEET;
    style.backgroundImage = `url("${sheet(ids, this.px)}")`;
    style.backgroundSize = `${Math.min(ids.length, COLUMNS) * this.px}px auto`;
    style.backgroundPosition = `${-(at % COLUMNS) * this.px}px ${-Math.floor(at / COLUMNS) * this.px}px`;
  }

  mark() {
    for (const [index, cell] of this.shown) {
      cell.setAttribute("aria-selected", this.chosen.has(this.faces[index].id));
      cell.classList.toggle("active", index === this.active);
    }
    if (this.shown.has(this.active)) this.place.setAttribute("aria-activedescendant", `face-${this.active}`);
    else this.place.removeAttribute("aria-activedescendant");
  }

  at(event) {
    const cell = event.target.closest(".face");
    return cell ? Number(cell.dataset.index) : null;
  }

  clicked(event) {
    const index = this.at(event);
    if (index === null) return;
    if (event.shiftKey) this.upTo(index);
    else this.toggle(index);
  }

  toggle(index) {
    const { id } = this.faces[index];
    if (!this.chosen.delete(id)) this.chosen.add(id);
    this.active = this.from = index;
    this.mark();
    this.changed();
  }

  upTo(index) {
    const [low, high] = [Math.min(this.from, index), Math.max(this.from, index)];
    for (let at = low; at <= high; at++) this.chosen.add(this.faces[at].id);
    this.active = index;
    this.mark();
    this.changed();
  }

  choose(faces) {
    this.chosen = new Set(faces.map((one) => one.id));
    this.mark();
    this.changed();
  }

  get current() {
    return this.faces[this.active] ?? null;
  }

  pressed(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.wide, ArrowDown: this.wide, Home: -this.active, End: this.faces.length };
    if (event.ctrlKey || event.metaKey || event.altKey || !this.faces.length) return;
    if (event.key in moves) this.move(this.active + moves[event.key], event.shiftKey);
    else if (event.key === " ") this.toggle(this.active);
    else if (event.key === "a") this.choose(this.faces);
    else if (event.key === "Escape") this.choose([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(index, choosing) {
    const to = Math.max(0, Math.min(this.faces.length - 1, index));
    if (choosing) this.upTo(to);
    else this.active = this.from = to;
    const top = this.place.getBoundingClientRect().top + Math.floor(to / this.wide) * this.step;
    const free = document.querySelector(".sticky")?.getBoundingClientRect().bottom ?? 0;
    if (top < free) scrollBy(0, top - free - GAP);
    else if (top + this.step > innerHeight) scrollBy(0, top + this.step - innerHeight);
    this.draw();
  }
}
