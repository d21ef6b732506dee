-- wrk -s think.lua URL -- LOW HIGH: before each request its connection waits LOW to HIGH milliseconds.
-- wrk starts the clock of a request after the wait, so the latency is that of the answer alone.
local low, high = 24, 40

function init(args)
  low, high = tonumber(args[1]), tonumber(args[2])
  math.randomseed(1)
end

function delay()
  return math.random(low, high)
end
