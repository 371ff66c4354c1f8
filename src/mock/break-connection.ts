/** Breaks a connection as a crashed server does: without a response, or within one. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * The connections below those of TLS. node:https has no public way from one to the other, and only TCP has a reset:
 * `resetAndDestroy` of a TLSSocket throws.
 */
const connections = new Map<string, Socket>();
const keyOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket) =>
  [localAddress, localPort, remoteAddress, remotePort].join(' ');

/** To be called with each connection of a server, before its handshake. */
export function rememberConnection(socket: Socket): void {
  const key = keyOf(socket);
  connections.set(key, socket);
  socket.once('close', () => {
    if (connections.get(key) === socket) connections.delete(key);
  });
}

export function breakConnection(socket: Socket): void {
  const tcp = socket instanceof TLSSocket ? connections.get(keyOf(socket)) : socket;
  tcp?.resetAndDestroy();
  if (tcp !== socket) socket.destroy();
}

/** For a response that never ends: the server keeps its side of a connection open until the response is sent. */
export function closeWithClient(socket: Socket): void {
  if (socket.readableEnded) socket.destroy();
  else socket.once('end', () => socket.destroy());
}
