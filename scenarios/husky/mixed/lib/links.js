/** Addresses under short names, which are numbers in base 36. */
export class Links {
  #targets = [];

  add(target) {
    this.#targets.push(new URL(target).href);
    return this.#targets.length.toString(36);
  }

  all() {
    return [...this.#targets];
  }

  find(name) {
    return this.#targets[Number.parseInt(name, 36) - 1];
  }
}
