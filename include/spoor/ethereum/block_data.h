#ifndef SPOOR_ETHEREUM_BLOCK_DATA_H_
#define SPOOR_ETHEREUM_BLOCK_DATA_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spoor/chain/amount.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/hash.h"

// A block of Ethereum's kin and what is known of its execution, whichever source it came from: an
// export, a node, raw bytes. What a source does not tell is absent, not guessed.

namespace spoor::ethereum {

using Address = std::array<uint8_t, 20>;

struct Withdrawal {
  Address to{};
  uint64_t gwei = 0;

  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

// A block that came too late, and is rewarded by the one that names it (before the merge).
struct Uncle {
  uint64_t number = 0;
  Address fee_recipient{};

  friend bool operator==(const Uncle&, const Uncle&) = default;
};

struct BlockHeader {
  uint64_t number = 0;
  BlockHash hash;
  BlockHash parent;
  int64_t time = 0;
  Address fee_recipient{};
  std::optional<Units> base_fee;  // wei for each unit of gas, burned (EIP-1559)
  std::vector<Uncle> uncles;
  bool uncles_known = true;  // false: there are some, and no more is known
  std::optional<uint64_t> transaction_count;
  std::vector<Withdrawal> withdrawals;

  friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};

// What its sender signed.
struct Transaction {
  Txid hash;
  uint32_t index = 0;
  uint8_t type = 0;  // EIP-2718; 0: legacy
  Address from{};
  std::optional<Address> to;  // nullopt: it makes a contract
  Units value;
  uint64_t nonce = 0;
  uint64_t gas = 0;  // at most
  // What executing nothing costs: 21,000 and the call data, as priced before Byzantium. 0: not
  // known.
  uint64_t intrinsic_gas = 0;

  friend bool operator==(const Transaction&, const Transaction&) = default;
};

// What came of it.
struct Receipt {
  Txid hash;
  std::optional<uint64_t> gas_used;
  std::optional<Units> gas_price;  // effective: base fee and priority fee
  std::optional<bool> success;     // not told before Byzantium
  Units blob_fee;                  // for blobs (EIP-4844), burned
  Units layer_one_fee;             // what a rollup charges besides

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// What a log says of tokens.
struct TokenEvent {
  enum class Kind : uint8_t {
    kTransfer = 1,  // of a token, or of one that is like no other (ERC-20, ERC-721, ERC-1155)
    kDeposit = 2,   // WETH9: native coins came in, as many tokens were made
    kWithdrawal = 3,
  };
  Kind kind = Kind::kTransfer;
  Txid tx;
  uint32_t log_index = 0;
  uint32_t part = 0;  // of a log that says several
  Address token{};
  std::optional<Units> id;  // of ERC-721 and ERC-1155
  Address from{};           // zero: made
  Address to{};             // zero: destroyed
  Units amount;             // 1 of ERC-721

  friend bool operator==(const TokenEvent&, const TokenEvent&) = default;
};

// One step of execution that may move native coins.
struct Trace {
  enum class Kind : uint8_t {
    kCall = 1,   // also one without value
    kOther = 2,  // delegatecall, callcode, staticcall: moves nothing
    kCreate = 3,
    kSelfDestruct = 4,
    kReward = 5,  // of a block; belongs to no transaction
    kUncleReward = 6,
    kGenesis = 7,  // allotted in the first block
    kDaoFork = 8,  // moved by decree
  };
  Kind kind = Kind::kCall;
  std::optional<uint32_t> tx_index;
  std::vector<uint32_t> path;  // from the transaction's call, whose path is empty
  std::optional<Address> from;
  std::optional<Address> to;
  Units value;
  bool failed = false;  // it, and so all below it

  friend bool operator==(const Trace&, const Trace&) = default;
};

struct BlockData {
  BlockHeader header;
  std::vector<Transaction> transactions;  // by index
  std::vector<Receipt> receipts;          // of these, in any order; may be missing
  std::vector<TokenEvent> tokens;         // by log index and part
  std::vector<Trace> traces;              // by transaction, then by path; rewards last
  bool has_logs = false;                  // tokens are all that there are
};

// The contract that a transaction makes.
Address CreatedContract(const Address& sender, uint64_t nonce);

}  // namespace spoor::ethereum

#endif  // SPOOR_ETHEREUM_BLOCK_DATA_H_
