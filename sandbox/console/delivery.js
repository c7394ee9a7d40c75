import { clock, h, repeat } from "./dom.js";
import { Refusal } from "./problems.js";

const POLL_SECONDS = 1.5;
const ENDS = new Set(["verified", "expired", "failed"]);
const WORDS = {
  created: "Sent to the backend",
  accepted: "Accepted by the provider",
  undelivered: "Not delivered",
  delivered: "Delivered to the phone",
  verified: "Verified",
  expired: "Expired",
  failed: "Failed",
};
const AHEAD = ["created", "accepted", "delivered", "verified"];
const BAD = new Set(["undelivered", "expired", "failed"]);

/** Follow what becomes of a code until that is over; returns what ends it early. */
export function followDelivery({ api, challengeId, list }) {
  return repeat(POLL_SECONDS, async (stopped) => {
    try {
      const { body } = await api.call("GET", `/integrations/otp/${challengeId}`, { poll: true });
      if (!stopped()) show(list, body);
      return !ENDS.has(body.state);
    } catch (error) {
      return !(error instanceof Refusal); // a request that got lost is made again
    }
  });
}

function show(list, { events, state }) {
  const reached = new Set(events.map((event) => event.state));
  const open = ENDS.has(state) ? [] : AHEAD.filter((name) => !reached.has(name));
  const told = `${[...reached]} ${open}`;
  if (list.dataset.told === told) return;
  list.dataset.told = told;
  list.replaceChildren(...events.map(tick), ...open.map(ahead));
}

function tick(event) {
  const reason = event.reason ? `: ${event.reason}` : "";
  return h(
    "li",
    { class: BAD.has(event.state) ? "bad" : "done" },
    `${WORDS[event.state]}${reason} `,
    h("time", { datetime: event.at }, clock(event.at)),
  );
}

const ahead = (state) => h("li", { class: "open" }, WORDS[state]);
