#ifndef SPOOR_CHAIN_NETWORK_H_
#define SPOOR_CHAIN_NETWORK_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/hash.h"

namespace spoor {

enum class NetworkId {
  kMain,
  kTest,
  kTestnet4,
  kSignet,
  kRegtest,
  kLitecoin,
  kLitecoinRegtest,
};

// What sets one chain of Bitcoin's family apart from another (Bitcoin Core's and Litecoin Core's
// chainparams). There is one constant object for each network.
struct Network {
  NetworkId id;
  absl::string_view name;    // as `--network` takes it: "main", "litecoin-regtest", ...
  absl::string_view chain;   // as ledgers and reports name it: "bitcoin", "litecoin-regtest", ...
  absl::string_view symbol;  // of its coin: "BTC", "LTC"
  std::array<uint8_t, 4> magic;  // before each record in a block file
  BlockHash genesis;
  // Base58check version bytes. A second script prefix is read too, and never written.
  uint8_t pubkey_prefix;
  uint8_t script_prefix;
  uint8_t old_script_prefix;
  absl::string_view bech32_hrp;
  // Proof of work: the easiest target allowed, as block headers write it, and the hash that must be
  // below the target: double SHA-256, or scrypt(1024, 1, 1) on Litecoin's networks.
  uint32_t pow_limit_bits;
  bool scrypt_pow;
  uint64_t initial_subsidy;   // base units in the first block's coinbase
  uint32_t halving_interval;  // blocks
  uint64_t max_money;         // base units; no output or sum of outputs may exceed it
  bool mweb;                  // blocks may carry a MimbleWimble extension
};

const Network& GetNetwork(NetworkId id);
// Every network, in the order of NetworkId.
const std::vector<const Network*>& AllNetworks();
// By `name` or by `chain`. INVALID_ARGUMENT, listing the names there are, if it is none of them.
absl::StatusOr<const Network*> FindNetwork(absl::string_view name);

// What a block at `height` may create out of nothing, in base units.
uint64_t BlockSubsidy(const Network& network, uint32_t height);

}  // namespace spoor

#endif  // SPOOR_CHAIN_NETWORK_H_
