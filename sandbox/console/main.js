import { Api } from "./api.js";
import { AppFront } from "./app_front.js";
import { showTrouble } from "./attempt.js";
import { part } from "./dom.js";
import { Exchanges } from "./exchanges.js";
import { FaultPanel } from "./faults.js";
import { Portal } from "./portal.js";
import { wireTabs } from "./tabs.js";

const exchanges = new Exchanges(part(document, "list"));
const sandbox = new Api({ base: location.origin, exchanges });
part(document, "clear").addEventListener("click", () => exchanges.clear());
wireTabs(document.querySelector('[role="tablist"]'));
new FaultPanel(part(document, "faults"), { sandbox });

try {
  const { body } = await sandbox.call("GET", "/console/config");
  start(body);
} catch (error) {
  showTrouble(part(document, "start-trouble"), error);
}

function start(config) {
  const api = new Api({ base: config.backendUrl, exchanges });
  const app = (name, phone) =>
    new AppFront(document.getElementById(`panel-${name.toLowerCase()}`), { app: name, api, sandbox, phone });
  part(document, "docs-link").href = `${config.backendUrl}/api/docs`;
  part(document, "admin-link").href = `${config.backendUrl}/admin/`;
  app("CPAPP", config.accounts.channelPartner.phone);
  const custap = app("CUSTAP", config.accounts.customer.phone);
  new Portal(document.getElementById("panel-webprt"), {
    api,
    sandbox,
    config,
    customerPhone: () => custap.number,
    providersRegion: part(document, "providers-status"),
  });
}
