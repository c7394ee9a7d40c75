// better-auth with its phone-number plugin, set up as its documentation shows, in several processes.
//
//   node server.mjs migrate    makes its tables, with its own migrations
//   node server.mjs            serves
//
// From the environment: PORT, DATABASE_URL, GATEWAY_URL, PROCESSES, POOL_MAX (connections a process).
import cluster from "node:cluster";
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { phoneNumber } from "better-auth/plugins";
import pg from "pg";

const { PORT, DATABASE_URL, GATEWAY_URL, PROCESSES, POOL_MAX } = process.env;

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: "a secret that only the benchmark uses, 32 or more",
  database: new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_MAX) }),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: "error" },
  plugins: [
    phoneNumber({
      expiresIn: 3600,
      sendOTP: ({ phoneNumber: phone, code }) => send(phone, code),
      signUpOnVerification: {
        getTempEmail: (phone) => `${phone.slice(1)}@phone.example`,
        getTempName: (phone) => phone,
      },
    }),
  ],
});

// Node's own fetch keeps connections alive. Awaited by the plugin: its answer says "code sent".
async function send(phone, code) {
  const answer = await fetch(`${GATEWAY_URL}/api/v5/otp`, {
    method: "POST",
    headers: { "Content-Type": "application/json", authkey: "benchmark-msg91-key" },
    body: JSON.stringify({ template_id: "65f0aa11d6fc05bbbb000002", mobile: phone.slice(1), otp: code }),
  });
  const verdict = await answer.json();
  if (!answer.ok || verdict.type !== "success") {
    throw new Error("the gateway refused");
  }
}

async function migrate() {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  process.exit(0);
}

function lead() {
  for (let number = 0; number < Number(PROCESSES); number += 1) {
    cluster.fork();
  }
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) {
      worker.process.kill("SIGTERM");
    }
    process.exit(0);
  });
}

if (process.argv[2] === "migrate") {
  await migrate();
} else if (cluster.isPrimary) {
  lead();
} else {
  createServer(toNodeHandler(auth)).listen(Number(PORT), "127.0.0.1", 4096);
}
