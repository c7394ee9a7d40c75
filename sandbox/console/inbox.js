/** Return what came for a phone or an address, newest first; nothing where the sandbox does not answer. */
export async function inboxOf(sandbox, to) {
  const path = `/inbox?to=${encodeURIComponent(to)}&format=json`;
  const found = await sandbox.call("GET", path, { poll: true }).catch(() => null);
  return found?.body.messages ?? [];
}
