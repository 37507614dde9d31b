#ifndef SPOOR_TESTS_TAINT_HAND_LEDGER_H_
#define SPOOR_TESTS_TAINT_HAND_LEDGER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/seed.h"

namespace spoor {

// A ledger written by hand: one movement to a block, outputs as {address, amount}.
class HandLedger {
 public:
  HandLedger() : ledger_(ChainInfoOf(GetNetwork(NetworkId::kMain))) {}

  struct Output {
    int address = 0;  // -1 burns
    uint64_t amount = 0;
  };

  // A coinbase if `spent` is empty; else a fee takes the rest. Its position.
  uint64_t Add(const std::vector<Holding>& spent, const std::vector<Output>& outputs) {
    NewBlock block;
    Movement m;
    m.position = Position{movements_.size()};
    m.height = block.height = static_cast<uint32_t>(movements_.size());
    Bytes hash(32, static_cast<uint8_t>(movements_.size() + 1));
    hash[0] = static_cast<uint8_t>((movements_.size() + 1) >> 8);
    m.txid = Txid::FromBytes(hash);
    block.hash = BlockHash::FromBytes(hash);
    block.previous = previous_;
    block.time = time_;
    previous_ = block.hash;
    block.transactions = 1;
    m.coinbase = spent.empty();
    Units left = 0;
    for (const Holding& holding : spent) {
      const Take& take = movements_[holding.major].takes[holding.minor];
      m.gives.push_back({GiveKind::kHolding, holding, take.owner, take.amount});
      left += take.amount;
    }
    for (const Output& output : outputs) {
      Take take;
      take.kind = output.address < 0 ? TakerKind::kBurned : TakerKind::kHolding;
      take.holding = Holding::Output(m.position, static_cast<uint32_t>(m.takes.size()));
      take.amount = output.amount;
      if (output.address >= 0) {
        while (addresses_ <= output.address) {
          block.new_addresses.push_back(
              AddressKey({ScriptKind::kP2pkh, Bytes(20, static_cast<uint8_t>(addresses_++))}));
        }
        take.owner = AddressId{static_cast<uint64_t>(output.address)};
      }
      if (m.coinbase) {
        m.minted += take.amount;
      } else {
        left -= take.amount;
      }
      m.takes.push_back(take);
    }
    if (!m.coinbase) {
      Take fee;
      fee.kind = TakerKind::kFee;
      fee.amount = left;
      m.takes.push_back(fee);
    }
    movements_.push_back(m);
    block.movements = {m};
    const absl::Status status = ledger_.Append(block);
    EXPECT_TRUE(status.ok()) << status;
    return m.position.number;
  }

  // Of the blocks that follow.
  void SetTime(int64_t time) { time_ = time; }

  std::string Txid(uint64_t position) const { return ToText(movements_[position].txid); }

  // Endpoints as "kind place tainted/amount by-source hops", places as position:output.
  std::string Ends(const std::string& policy, const std::vector<std::string>& seeds) {
    const auto result = Run(policy, seeds);
    if (!result.ok()) return result.status().ToString();
    std::vector<std::string> ends;
    for (const Endpoint& end : result->policies[0].endpoints) {
      std::string by_source;
      for (const auto& [source, units] : end.by_source) {
        absl::StrAppend(&by_source, " ", result->sources[source - 1], "=", ToDecimal(units));
      }
      ends.push_back(absl::StrCat(EndpointKindName(end.kind), " ", end.position.number, ":",
                                  end.output, " ", ToDecimal(end.tainted), "/",
                                  ToDecimal(end.amount), by_source, " hops ", end.hops));
    }
    return absl::StrJoin(ends, "\n");
  }

  // NAME=SEED[#LIMIT].
  absl::StatusOr<TraceResult> Run(const std::string& policy,
                                  const std::vector<std::string>& seeds) {
    std::vector<SeedRequest> requests;
    for (const std::string& text : seeds) {
      const size_t hash = text.find('#');
      auto request = ParseSeedRequest(text.substr(0, hash));
      if (!request.ok()) return request.status();
      if (hash != std::string::npos) request->limit = Units(text.substr(hash + 1));
      requests.push_back(*request);
    }
    const LedgerView* const views[] = {&ledger_};
    const auto found = FindSeeds(views, requests);
    if (!found.ok()) return found.status();
    FollowOptions options = options_;
    options.policies = {policy};
    return Follow(views, *found, options);
  }

  // What Ends() and Run() ask for besides the policy.
  FollowOptions& options() { return options_; }

  const MemoryLedger& ledger() const { return ledger_; }

 private:
  MemoryLedger ledger_;
  FollowOptions options_;
  std::vector<Movement> movements_;
  BlockHash previous_;
  int addresses_ = 0;
  int64_t time_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_TESTS_TAINT_HAND_LEDGER_H_
