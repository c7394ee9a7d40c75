dofile("report.lua")
-- Asks again and again like people do: a pause before each request, at random from nothing to twice
-- PAUSE milliseconds (0: none). PHONE in a body is a number that was never used before.
-- wrk -s paced.lua URL -- METHOD PATH PAUSE AUTHORIZATION BODY FIRST   (- where there is none)
local THREAD_SHARE = 1000000

function init(args)
  method, path, pause = args[1], args[2], tonumber(args[3])
  headers = {["Content-Type"] = "application/json"}
  if args[4] ~= "-" then
    headers["Authorization"] = args[4]
  end
  body = args[5] ~= "-" and args[5] or nil
  number = tonumber(args[6]) + thread_number * THREAD_SHARE
  math.randomseed(os.time() + number)
  if pause > 0 then
    delay = function()
      return math.floor(math.random() * 2 * pause)
    end
  end
end

function request()
  number = number + 1
  local filled = body and string.gsub(body, "PHONE", string.format("+919%09d", number))
  return wrk.format(method, path, headers, filled)
end
