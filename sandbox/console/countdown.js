const TICK_MILLISECONDS = 250;

/** Tell the whole seconds that are left, down to and with 0; returns what ends it early. */
export function countDown(seconds, onTick) {
  const end = Date.now() + seconds * 1000;
  let told = null;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left !== told) {
      told = left;
      onTick(left);
    }
    if (left === 0) clearInterval(timer);
  };
  const timer = setInterval(tick, TICK_MILLISECONDS);
  tick();
  return () => clearInterval(timer);
}

export function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
