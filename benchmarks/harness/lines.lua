dofile("report.lua")
-- POSTs each line of a file once, the threads in turn; a thread stops at the end of its lines, wrk does not.
-- wrk -s lines.lua URL -- PATH FILE THREADS
function init(args)
  path, bodies, at = args[1], {}, 0
  headers = {["Content-Type"] = "application/json"}
  local line_number = 0
  for line in io.lines(args[2]) do
    if line_number % tonumber(args[3]) == thread_number then
      bodies[#bodies + 1] = line
    end
    line_number = line_number + 1
  end
end

function request()
  at = at + 1
  if at >= #bodies then
    wrk.thread:stop()
  end
  return wrk.format("POST", path, headers, bodies[math.min(at, #bodies)])
end
