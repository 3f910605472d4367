/** Addresses under short names, which are numbers in base 36. */
export class Links {
  #targets = [];
  #visits = 0;

  get visits() {
    return this.#visits;
  }

  add(target) {
    this.#targets.push(new URL(target).href);
    return this.#targets.length.toString(36);
  }

  find(name) {
    this.#visits += 1;
    return this.#targets[Number.parseInt(name, 36) - 1];
  }
}
