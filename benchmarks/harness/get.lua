dofile("report.lua")
-- GETs one path again and again, with or without a token.
-- wrk -s get.lua URL -- PATH [AUTHORIZATION]
function init(args)
  wrk.headers["Authorization"] = args[2]
  asked = wrk.format("GET", args[1])
end

function request()
  return asked
end
