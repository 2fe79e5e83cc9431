/** A place in events that is read, or one above it. */
export interface PlaceNode {
  /** UTF-8. */
  readonly key: Uint8Array;
  readonly children: PlaceNode[];
  /** Where the value of this place goes; negative where only places below it are read. */
  slot: number;
  /** The number of the event that it was last found in. */
  foundIn: number;
  /** Whether it was an object there. */
  isObject: boolean;
  /** The index of the child that was found last: keys mostly come in one order. */
  last: number;
}

const QUOTE = 0x22;

/** The places that are read of the events of a file, as a tree: it grows as they are first asked for. */
export class LinePlaces {
  readonly #root = newNode('');
  #slots = 0;
  #event = 0;

  /** Begins with the next event. @returns where its keys are found, and how many values are wanted. */
  begin(): { readonly root: PlaceNode; readonly size: number } {
    this.#event += 1;
    return { root: this.#root, size: this.#slots };
  }

  /**
   * Where the value at the place goes that `keys` lead to, from the next event on. Undefined for a place that only a
   * whole event can answer for: in a list, or with a name that every object has.
   */
  slotOf(keys: readonly string[]): number | undefined {
    if (keys.length === 0 || keys.some(isSpecial)) return undefined;
    const node = this.nodeOf(keys);
    if (node.slot < 0) {
      node.slot = this.#slots;
      this.#slots += 1;
    }
    return node.slot;
  }

  /** The place itself. */
  nodeOf(keys: readonly string[]): PlaceNode {
    let node = this.#root;
    for (const key of keys) {
      const bytes = Buffer.from(key);
      let child = node.children.find((each) => bytes.equals(each.key));
      if (child === undefined) {
        child = newNode(key);
        node.children.push(child);
      }
      node = child;
    }
    return node;
  }

  /** The child of a node whose key, with the quote after it, is what begins at `start`. */
  childOf(node: PlaceNode, bytes: Uint8Array, start: number): PlaceNode | undefined {
    const { children } = node;
    let index = node.last;
    for (let tried = 0; tried < children.length; tried += 1) {
      index = index + 1 < children.length ? index + 1 : 0;
      const child = children[index];
      if (child === undefined || !isKey(child.key, bytes, start)) continue;
      node.last = index;
      return child;
    }
    return undefined;
  }

  /** Notes that a place was found in this event. @returns false where it was found there before. */
  visit(node: PlaceNode): boolean {
    if (node.foundIn === this.#event) return false;
    node.foundIn = this.#event;
    node.isObject = false;
    return true;
  }

  /** Whether a place was found in this event. */
  has(node: PlaceNode): boolean {
    return node.foundIn === this.#event;
  }
}

function newNode(key: string): PlaceNode {
  return { key: Buffer.from(key), children: [], slot: -1, foundIn: 0, isObject: false, last: -1 };
}

function isKey(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < key.length; at += 1) if (key[at] !== bytes[start + at]) return false;
  return bytes[start + key.length] === QUOTE;
}

/** The index of a list, what every object or list has, or what does not stand in JSON as it is. */
function isSpecial(key: string): boolean {
  const isInherited = key in Object.prototype || key in Array.prototype;
  return isInherited || /^\d+$/.test(key) || JSON.stringify(key) !== `"${key}"`;
}
