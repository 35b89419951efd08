-- Posts events made on the fly, every one with a key of its own that grows with time, and says on one line of JSON
-- what came of them. Environment: RUN (start of every key), BATCH (events a request; 1 sends an object, not an array),
-- NOTES (1 adds a free text), TOLD (what the body of a good answer holds; empty: the status is enough), TOKEN (who sends).
local run = os.getenv("RUN")
local batch = tonumber(os.getenv("BATCH"))
local notes = os.getenv("NOTES") == "1"
local told = os.getenv("TOLD") or ""

local DOMAINS = { "orders", "payments", "sessions", "support", "catalog" }
local TYPES = { "order_paid", "pay_ok", "visit", "ticket_open", "view" }
local PROVIDERS = { "alpha", "beta", "gamma", "delta" }
local COUNTRIES = { "US", "DE", "FR", "GB", "ES", "IT", "PL", "NL", "SE", "TR" }
-- Free texts as people type them: one in eight holds something to mask, the others numbers and words that are none.
local TEXTS = {
  "delivered to the back door at %d, thanks again for the quick help",
  "asked for a refund of order %d because the box was damaged in the rain",
  "second call about invoice %d; wants to be called tomorrow after four",
  "write to jane%d@example.com when the parcel has left the warehouse",
  "likes the new colours, ordered %d of them for the whole family",
  "the code %d did not work on the first try, worked on the second one",
  "size %d is too small, sends it back and takes the next larger one",
  "no answer, left a message about delivery %d with the neighbour",
}
local EVENT = '{"event_id":"%s-%010d","ts":"%s.%03dZ","user_id":"u%07d","session_id":"s%08d","domain":"%s","type":"%s",'
  .. '"provider":"%s","country":"%s","amount_cents":%d,"duration_ms":%d%s}'

local made = 0
local function event(now)
  made = made + 1
  local mixed = made * 7919 % 100003
  local place = mixed % 5 + 1
  local note = ""
  if notes then note = ',"note":"' .. string.format(TEXTS[mixed % 8 + 1], made) .. '"' end
  return string.format(EVENT, run, made, now, made % 1000, mixed * 31 % 50000, mixed, DOMAINS[place], TYPES[place],
    PROVIDERS[mixed % 4 + 1], COUNTRIES[mixed % 10 + 1], mixed % 9000, mixed % 700, note)
end

local headers = { ["Content-Type"] = "application/json" }
local token = os.getenv("TOKEN") or ""
if token ~= "" then headers["Authorization"] = "Bearer " .. token end
function request()
  local now = os.date("!%Y-%m-%dT%H:%M:%S", os.time() - 1)
  if batch == 1 then return wrk.format("POST", nil, headers, event(now)) end
  local events = {}
  for i = 1, batch do events[i] = event(now) end
  return wrk.format("POST", nil, headers, "[" .. table.concat(events, ",") .. "]")
end

local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() good, bad = 0, 0 end

function response(status, _, body)
  if status < 300 and (told == "" or string.find(body, told, 1, true)) then
    good = good + 1
  else
    bad = bad + 1
    if bad == 1 then io.stderr:write(status .. " " .. string.sub(body, 1, 300) .. "\n") end
  end
end

function done(summary, latency)
  local kept, refused = 0, 0
  for _, thread in ipairs(threads) do
    kept, refused = kept + thread:get("good"), refused + thread:get("bad")
  end
  local errors = summary.errors
  io.write(string.format('{"good":%d,"bad":%d,"errors":%d,"seconds":%.4f,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}\n',
    kept, refused, errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
