#include "spoor/ethereum/log.h"

#include <algorithm>
#include <optional>

#include "absl/strings/string_view.h"
#include "lib/ethereum/field_text.h"

namespace spoor::ethereum {
namespace {

constexpr size_t kWord = 32;

struct Topics {
  Digest256 transfer, single, batch, deposit, withdrawal;
};

const Topics& KnownTopics() {
  static const Topics topics = [] {
    const auto hash = [](absl::string_view signature) { return Keccak256(AsBytes(signature)); };
    return Topics{hash("Transfer(address,address,uint256)"),
                  hash("TransferSingle(address,address,address,uint256,uint256)"),
                  hash("TransferBatch(address,address,address,uint256[],uint256[])"),
                  hash("Deposit(address,uint256)"), hash("Withdrawal(address,uint256)")};
  }();
  return topics;
}

// The arguments of a log, indexed ones first, a word each.
class Words {
 public:
  explicit Words(const Log& log) : log_(log) {}

  size_t size() const { return indexed() + log_.data.size() / kWord; }
  size_t indexed() const { return log_.topics.size() - 1; }
  bool whole() const { return log_.data.size() % kWord == 0; }
  ByteSpan operator[](size_t i) const {
    return i < indexed() ? ByteSpan(log_.topics[i + 1])
                         : ByteSpan(log_.data).subspan((i - indexed()) * kWord, kWord);
  }
  Units Number(size_t i) const { return UnitsFromBytes((*this)[i]); }
  // The last 20 bytes; whatever stands before them is left out, as contracts do.
  Address Account(size_t i) const {
    Address address;
    const ByteSpan word = (*this)[i];
    std::copy(word.begin() + 12, word.end(), address.begin());
    return address;
  }

 private:
  const Log& log_;
};

// The numbers of a dynamic array whose head is word `head` of the log's data; nullopt if it does
// not lie within.
std::optional<std::vector<Units>> ReadArray(const Log& log, size_t head) {
  const size_t words = log.data.size() / kWord;
  const auto number = [&](size_t word) {
    return UnitsFromBytes(ByteSpan(log.data).subspan(word * kWord, kWord));
  };
  if (head >= words) return std::nullopt;
  const Units offset = number(head);
  if (offset % kWord != 0 || offset / kWord >= words) return std::nullopt;
  const auto at = static_cast<size_t>(offset / kWord);
  const Units count = number(at);
  if (count > words - at - 1) return std::nullopt;
  std::vector<Units> numbers;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) numbers.push_back(number(at + 1 + i));
  return numbers;
}

void DecodeBatch(const Log& log, TokenEvent event, std::vector<TokenEvent>* events) {
  const Words words(log);
  if (log.topics.size() != 4) return;
  event.from = words.Account(1);
  event.to = words.Account(2);
  const auto ids = ReadArray(log, 0);
  const auto amounts = ReadArray(log, 1);
  if (!ids.has_value() || !amounts.has_value() || ids->size() != amounts->size()) return;
  for (size_t i = 0; i < ids->size(); ++i) {
    event.part = static_cast<uint32_t>(i);
    event.id = (*ids)[i];
    event.amount = (*amounts)[i];
    events->push_back(event);
  }
}

}  // namespace

bool IsTokenTopic(const Digest256& topic) {
  const Topics& known = KnownTopics();
  return topic == known.transfer || topic == known.deposit || topic == known.withdrawal ||
         topic == known.single || topic == known.batch;
}

void DecodeTokenEvents(const Log& log, std::vector<TokenEvent>* events) {
  if (log.topics.empty()) return;
  const Topics& known = KnownTopics();
  const Words words(log);
  TokenEvent event;
  event.tx = log.tx;
  event.log_index = log.index;
  event.token = log.address;
  if (log.topics[0] == known.batch) return DecodeBatch(log, std::move(event), events);
  if (!words.whole()) return;
  if (log.topics[0] == known.transfer && words.size() == 3) {
    event.from = words.Account(0);
    event.to = words.Account(1);
    event.amount = words.Number(2);
    // ERC-721 says which token where ERC-20 says how many, and always as an indexed argument.
    if (words.indexed() == 3) {
      event.id = event.amount;
      event.amount = 1;
    }
  } else if (log.topics[0] == known.single && words.size() == 5 && words.indexed() == 3) {
    event.from = words.Account(1);
    event.to = words.Account(2);
    event.id = words.Number(3);
    event.amount = words.Number(4);
  } else if (log.topics[0] == known.deposit && words.size() == 2) {
    event.kind = TokenEvent::Kind::kDeposit;
    event.to = words.Account(0);
    event.amount = words.Number(1);
  } else if (log.topics[0] == known.withdrawal && words.size() == 2) {
    event.kind = TokenEvent::Kind::kWithdrawal;
    event.from = words.Account(0);
    event.amount = words.Number(1);
  } else {
    return;
  }
  events->push_back(event);
}

}  // namespace spoor::ethereum
