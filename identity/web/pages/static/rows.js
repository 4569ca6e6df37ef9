// A list of any length of which only the rows in sight are elements. All rows are equally high, so nothing ever jumps.

import { onceAFrame } from "./dom.js";

const BEYOND = 4; // rows kept above and below what is seen

export class Rows {
  // `build(index)` makes a row; it is thrown away when it is out of sight, unless the focus is in it.
  constructor(place, build) {
    this.place = place;
    this.build = build;
    this.count = 0;
    this.shown = new Map();
    const again = onceAFrame(() => this.draw());
    addEventListener("scroll", again, { passive: true });
    new ResizeObserver(again).observe(document.body);
  }

  get height() {
    if (this.known !== innerWidth) {
      this.known = innerWidth;
      const row = document.createElement("div");
      row.className = "row";
      this.place.append(row);
      this.px = row.offsetHeight;
      row.remove();
      this.forget();
    }
    return this.px;
  }

  show(count) {
    this.count = count;
    this.forget();
    this.draw();
  }

  forget() {
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
  }

  // Make one row anew, because what it shows has changed.
  renew(index) {
    const old = this.shown.get(index);
    if (!old) return;
    const made = this.row(index);
    this.shown.set(index, made);
    old.replaceWith(made);
  }

  get range() {
    const above = -this.place.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / this.height) - BEYOND);
    return [first, Math.min(this.count, Math.ceil((above + innerHeight) / this.height) + BEYOND)];
  }

  draw() {
    this.place.style.height = `${this.count * this.height}px`;
    const [first, end] = this.range;
    for (const [index, row] of this.shown) {
      if ((index >= first && index < end) || row.contains(document.activeElement)) continue;
      row.remove();
      this.shown.delete(index);
    }
    let before = [...this.shown.keys()].filter((index) => index >= end).sort((a, b) => a - b).map((index) => this.shown.get(index))[0] ?? null;
    for (let index = end - 1; index >= first; index--) {
      if (!this.shown.has(index)) {
        const row = this.row(index);
        this.shown.set(index, row);
        this.place.insertBefore(row, before);
      }
      before = this.shown.get(index);
    }
  }

  row(index) {
    const made = this.build(index);
    made.style.transform = `translateY(${index * this.height}px)`;
    return made;
  }

  // Bring a row into sight and give it back.
  reach(index) {
    const top = this.place.getBoundingClientRect().top + index * this.height;
    const free = document.querySelector(".sticky")?.getBoundingClientRect().bottom ?? 0;
    if (top < free) scrollBy(0, top - free);
    else if (top + this.height > innerHeight) scrollBy(0, top + this.height - innerHeight);
    this.draw();
    return this.shown.get(index);
  }
}
