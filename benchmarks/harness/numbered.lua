dofile("report.lua")
-- POSTs a JSON body in which PHONE is a number that was never used before.
-- wrk -s numbered.lua URL -- PATH BODY FIRST   (FIRST: below 10^9)
local THREAD_SHARE = 1000000

function init(args)
  path, before, after = args[1], string.match(args[2], "^(.*)PHONE(.*)$")
  number = tonumber(args[3]) + thread_number * THREAD_SHARE
  headers = {["Content-Type"] = "application/json"}
end

function request()
  number = number + 1
  -- Every +919 followed by nine digits is an Indian mobile number.
  return wrk.format("POST", path, headers, before .. string.format("+919%09d", number) .. after)
end
