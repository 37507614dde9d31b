#ifndef SPOOR_LIB_INGEST_NODE_WAIT_H_
#define SPOOR_LIB_INGEST_NODE_WAIT_H_

#include <chrono>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "spoor/ingest/bitcoin_node.h"

namespace spoor {

// Waiting for nodes. `Options` has `follow`, `stop` and `event`, as NodeIngestOptions has them.

// How often a node is asked for what is new. Bitcoin Core's `waitfornewblock` would tell at once,
// but takes up one of its few threads, and does not tell of what came before the call.
inline constexpr auto kPoll = std::chrono::milliseconds(500);
inline constexpr auto kStopPoll = std::chrono::milliseconds(50);

template <typename Options>
bool Stopped(const Options& options) {
  return options.stop != nullptr && options.stop();
}

// False if stopped meanwhile.
template <typename Options>
bool Wait(const Options& options) {
  const auto until = std::chrono::steady_clock::now() + kPoll;
  while (!Stopped(options)) {
    if (std::chrono::steady_clock::now() >= until) return true;
    std::this_thread::sleep_for(kStopPoll);
  }
  return false;
}

// Does `work` again until the node answers, if `options` say that it is to be waited for.
template <typename Options, typename Work>
auto Persist(const Options& options, const Work& work) {
  for (bool trouble = false;;) {
    auto result = work();
    const absl::Status status = result.status();
    if (!options.follow || !absl::IsUnavailable(status)) {
      if (trouble && status.ok() && options.event != nullptr) {
        NodeEvent event;
        event.kind = NodeEvent::Kind::kRecovered;
        options.event(event);
      }
      return result;
    }
    if (!trouble && options.event != nullptr) {
      NodeEvent event;
      event.kind = NodeEvent::Kind::kTrouble;
      event.message = std::string(status.message());
      options.event(event);
    }
    trouble = true;
    if (!Wait(options)) return decltype(result)(absl::CancelledError("stopped"));
  }
}

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_NODE_WAIT_H_
