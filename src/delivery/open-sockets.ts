import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** The sockets that are open to a server. */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();

  /** Whether all that was written to them is with the operating system: nothing reads the memory any more that it was in. */
  get areFlushed(): boolean {
    for (const socket of this.#sockets) if (socket.writableLength > 0) return false;
    return true;
  }

  /** What `connect` opens is among them from then on. */
  watch(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) =>
      connect(options, (...opened) => {
        if (opened[0] === null) {
          const [, socket] = opened;
          this.#sockets.add(socket);
          socket.once('close', () => this.#sockets.delete(socket));
        }
        callback(...opened);
      });
  }
}
