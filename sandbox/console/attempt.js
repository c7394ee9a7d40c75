import { countDown } from "./countdown.js";
import { h } from "./dom.js";
import { NoAnswer, Refusal, sentence } from "./problems.js";

const PATIENCE_MILLISECONDS = 400;

/**
 * Run what a button asks for: one at a time, seconds shown while it lasts, the trouble afterwards.
 *
 * `host` gets the waiting indicator and the alert. After a 429 the button comes back when
 * Retry-After is over. Returns whether it went well.
 */
export async function attempt({ host, button, work }) {
  if (button.getAttribute("aria-disabled") === "true") return false;
  host.stopCounting?.();
  host.replaceChildren();
  button.setAttribute("aria-disabled", "true"); // not disabled: that would take the focus away
  const stopWaiting = showWaiting(host);
  let blocked = false;
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof NoAnswer)) throw error;
    stopWaiting();
    blocked = showTrouble(host, error, button);
    return false;
  } finally {
    stopWaiting();
    if (!blocked) button.setAttribute("aria-disabled", "false");
  }
}

/** Show an error; returns whether the button stays blocked until Retry-After is over. */
export function showTrouble(host, error, button = null) {
  const code = error.code ? h("code", {}, `${error.status} ${error.code}`) : null;
  const wait = h("p", { class: "quiet" });
  const alert = h("p", { role: "alert", class: "alert" });
  host.replaceChildren(alert);
  alert.textContent = sentence(error); // after it is in the page, so that it is announced
  if (code) host.append(h("p", { class: "quiet" }, code));
  if (!error.retryAfter) return false;
  host.append(wait);
  const blocks = error.status === 429 && button !== null;
  host.stopCounting = countDown(error.retryAfter, (left) => {
    wait.textContent = left ? `Retry-After: ${left} s` : "Now you may try again.";
    if (blocks && !left) button.setAttribute("aria-disabled", "false");
  });
  return blocks;
}

function showWaiting(host) {
  const seconds = h("span", { "aria-hidden": "true" });
  const line = h("p", { role: "status", class: "waiting" }, "Waiting for the answer… ", seconds);
  const began = Date.now();
  const tick = () => {
    if (Date.now() - began < PATIENCE_MILLISECONDS) return;
    if (!line.isConnected) host.append(line);
    seconds.textContent = `${Math.floor((Date.now() - began) / 1000)} s`;
  };
  const timer = setInterval(tick, 200);
  return () => {
    clearInterval(timer);
    line.remove();
  };
}
