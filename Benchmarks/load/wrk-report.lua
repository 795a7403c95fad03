-- The figures of a wrk run on one line, in the form of the other loads. It runs once, after the measurement.
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    "done requests=%d bytes=%d seconds=%.4f p50_us=%d p99_us=%d errors=%d\n",
    summary.requests, summary.bytes, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
