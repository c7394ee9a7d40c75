-- The end of every run as one line of JSON; harness/load.py reads it.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "\nRESULT {\"requests\": %d, \"microseconds\": %d, \"p50\": %d, \"p90\": %d, \"p99\": %d, "
      .. "\"max\": %d, \"bad_status\": %d, \"lost\": %d}\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency.max, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end

local threads = 0

function setup(thread)
  thread:set("thread_number", threads)
  threads = threads + 1
end
