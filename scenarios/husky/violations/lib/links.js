/** Addresses under short names, which are numbers in base 36. */
export class Links {
  #targets = [];

  add(target) {
    const url = new URL(target);
    console.dir(url);
    if (!url.protocol.startsWith("http")) {
      throw new TypeError(`not a web address: ${target}`);
    }
    this.#targets.push(url.href);
    return this.#targets.length.toString(36);
  }

  find(name) {
    return this.#targets[Number.parseInt(name, 36) - 1];
  }
}
