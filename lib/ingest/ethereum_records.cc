#include "lib/ingest/ethereum_records.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/base/varint.h"

namespace spoor {
namespace {

using ethereum::Address;
using ethereum::BlockData;
using ethereum::EtlKind;
using ethereum::EtlRow;
using ethereum::TokenEvent;
using ethereum::Trace;

// What a record says. They are of this process alone, so that they need no checks but one.
enum RecordKind : uint8_t { kHeader, kTransaction, kReceipt, kLogSeen, kLogToken, kToken, kTrace };

// Fields one after another, the same way in both directions.
struct Out {
  std::string bytes;

  void Field(uint64_t v) { AppendVarint(v, &bytes); }
  void Raw(const void* p, size_t n) { bytes.append(static_cast<const char*>(p), n); }
  void Field(const Units& v) {
    Field(static_cast<uint64_t>(v.backend().size()));
    Raw(v.backend().limbs(), v.backend().size() * sizeof(*v.backend().limbs()));
  }
};

struct In {
  absl::string_view bytes;

  template <typename T>
  void Field(T& v) requires std::is_integral_v<T> {
    uint64_t number = 0;
    SPOOR_CHECK(ConsumeVarint(&bytes, &number));
    v = static_cast<T>(number);
  }
  void Raw(void* p, size_t n) {
    SPOOR_CHECK(bytes.size() >= n);
    std::memcpy(p, bytes.data(), n);
    bytes.remove_prefix(n);
  }
  void Field(Units& v) {
    uint64_t size = 0;
    Field(size);
    v = 0;
    v.backend().resize(static_cast<unsigned>(size), static_cast<unsigned>(size));
    Raw(v.backend().limbs(), size * sizeof(*v.backend().limbs()));
    v.backend().normalize();
  }
};

void Put(Out& out, uint64_t v) { out.Field(v); }
void Put(Out& out, const Units& v) { out.Field(v); }
void Put(Out& out, const Address& v) { out.Raw(v.data(), v.size()); }
template <typename Tag>
void Put(Out& out, const Hash256<Tag>& v) {
  out.Raw(v.bytes().data(), v.bytes().size());
}
template <typename T>
void Put(Out& out, const std::optional<T>& v) {
  out.Field(uint64_t{v.has_value()});
  if (v.has_value()) Put(out, *v);
}

template <typename T>
void Get(In& in, T& v) requires std::is_integral_v<T> {
  in.Field(v);
}
void Get(In& in, Units& v) { in.Field(v); }
void Get(In& in, Address& v) { in.Raw(v.data(), v.size()); }
template <typename Tag>
void Get(In& in, Hash256<Tag>& v) {
  std::array<uint8_t, 32> bytes;
  in.Raw(bytes.data(), bytes.size());
  v = Hash256<Tag>::FromBytes(bytes);
}
template <typename T>
void Get(In& in, std::optional<T>& v) {
  uint64_t there = 0;
  in.Field(there);
  v = std::nullopt;
  if (there != 0) Get(in, v.emplace());
}

std::string Encode(const ethereum::BlockHeader& h) {
  Out out;
  Put(out, h.number);
  Put(out, h.hash);
  Put(out, h.parent);
  Put(out, static_cast<uint64_t>(h.time));
  Put(out, h.fee_recipient);
  Put(out, h.base_fee);
  Put(out, uint64_t{h.uncles_known});
  Put(out, h.transaction_count);
  Put(out, h.withdrawals.size());
  for (const ethereum::Withdrawal& w : h.withdrawals) {
    Put(out, w.to);
    Put(out, w.gwei);
  }
  return std::move(out.bytes);
}

void Decode(absl::string_view bytes, ethereum::BlockHeader* h) {
  In in{bytes};
  uint64_t count = 0;
  Get(in, h->number);
  Get(in, h->hash);
  Get(in, h->parent);
  Get(in, h->time);
  Get(in, h->fee_recipient);
  Get(in, h->base_fee);
  Get(in, h->uncles_known);
  Get(in, h->transaction_count);
  Get(in, count);
  h->withdrawals.resize(count);
  for (ethereum::Withdrawal& w : h->withdrawals) {
    Get(in, w.to);
    Get(in, w.gwei);
  }
}

std::string Encode(const ethereum::Transaction& t) {
  Out out;
  Put(out, t.hash);
  Put(out, t.index);
  Put(out, t.type);
  Put(out, t.from);
  Put(out, t.to);
  Put(out, t.value);
  Put(out, t.nonce);
  Put(out, t.gas);
  Put(out, t.intrinsic_gas);
  return std::move(out.bytes);
}

void Decode(absl::string_view bytes, ethereum::Transaction* t) {
  In in{bytes};
  Get(in, t->hash);
  Get(in, t->index);
  Get(in, t->type);
  Get(in, t->from);
  Get(in, t->to);
  Get(in, t->value);
  Get(in, t->nonce);
  Get(in, t->gas);
  Get(in, t->intrinsic_gas);
}

std::string Encode(const ethereum::Receipt& r) {
  Out out;
  Put(out, r.hash);
  Put(out, r.gas_used);
  Put(out, r.gas_price);
  Put(out, uint64_t{r.success.has_value()} + (r.success.value_or(false) ? 1 : 0));
  Put(out, r.blob_fee);
  Put(out, r.layer_one_fee);
  return std::move(out.bytes);
}

void Decode(absl::string_view bytes, ethereum::Receipt* r) {
  In in{bytes};
  uint64_t success = 0;
  Get(in, r->hash);
  Get(in, r->gas_used);
  Get(in, r->gas_price);
  Get(in, success);
  Get(in, r->blob_fee);
  Get(in, r->layer_one_fee);
  if (success != 0) r->success = success == 2;
}

std::string Encode(const TokenEvent& e) {
  Out out;
  Put(out, static_cast<uint64_t>(e.kind));
  Put(out, e.tx);
  Put(out, e.log_index);
  Put(out, e.part);
  Put(out, e.token);
  Put(out, e.id);
  Put(out, e.from);
  Put(out, e.to);
  Put(out, e.amount);
  return std::move(out.bytes);
}

void Decode(absl::string_view bytes, TokenEvent* e) {
  In in{bytes};
  uint64_t kind = 0;
  Get(in, kind);
  e->kind = static_cast<TokenEvent::Kind>(kind);
  Get(in, e->tx);
  Get(in, e->log_index);
  Get(in, e->part);
  Get(in, e->token);
  Get(in, e->id);
  Get(in, e->from);
  Get(in, e->to);
  Get(in, e->amount);
}

std::string Encode(const Trace& t) {
  Out out;
  Put(out, static_cast<uint64_t>(t.kind));
  Put(out, t.tx_index);
  Put(out, t.path.size());
  for (const uint32_t step : t.path) Put(out, step);
  Put(out, t.from);
  Put(out, t.to);
  Put(out, t.value);
  Put(out, uint64_t{t.failed});
  return std::move(out.bytes);
}

void Decode(absl::string_view bytes, Trace* t) {
  In in{bytes};
  uint64_t kind = 0;
  uint64_t size = 0;
  Get(in, kind);
  t->kind = static_cast<Trace::Kind>(kind);
  Get(in, t->tx_index);
  Get(in, size);
  t->path.resize(size);
  for (uint32_t& step : t->path) Get(in, step);
  Get(in, t->from);
  Get(in, t->to);
  Get(in, t->value);
  Get(in, t->failed);
}

// Within a block by kind, then by what is in the record's kind the order; the same order is the
// same thing.
RecordSorter::Key KeyOf(uint64_t block, RecordKind kind, uint64_t order) {
  return {block, uint64_t{kind} << 56 | (order & ((uint64_t{1} << 56) - 1))};
}

// What can be there but once in a block, by its first bytes: a hash, mostly.
uint64_t HashOrder(const Txid& hash) {
  uint64_t order;
  std::memcpy(&order, hash.bytes().data(), sizeof order);
  return order;
}

auto TracePlace(const Trace& t) {
  return std::make_tuple(!t.tx_index.has_value(), t.tx_index.value_or(0), std::cref(t.path));
}

template <typename T>
absl::Status CheckApart(const std::vector<T>& rows, bool (*same)(const T&, const T&),
                        absl::string_view what) {
  for (size_t i = 1; i < rows.size(); ++i) {
    if (same(rows[i - 1], rows[i])) {
      return absl::DataLossError(absl::StrCat("found two ", what, " that contradict each other"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddRecords(const EtlRow& row, RecordSorter* sorter) {
  const auto add = [&](RecordKind kind, uint64_t order, const std::string& record) {
    return sorter->Add(KeyOf(row.block, kind, order), record);
  };
  switch (row.kind) {
    case EtlKind::kBlocks:
      return add(kHeader, 0, Encode(row.header));
    case EtlKind::kTransactions:
      SPOOR_RETURN_IF_ERROR(add(kTransaction, row.transaction.index, Encode(row.transaction)));
      [[fallthrough]];
    case EtlKind::kReceipts:
      if (!row.has_receipt) return absl::OkStatus();
      return add(kReceipt, HashOrder(row.receipt.hash), Encode(row.receipt));
    case EtlKind::kLogs:
      if (row.tokens.empty()) return add(kLogSeen, 0, "");
      for (const TokenEvent& event : row.tokens) {
        SPOOR_RETURN_IF_ERROR(add(
            kLogToken, uint64_t{event.log_index} << 24 | (event.part & 0xffffff), Encode(event)));
      }
      return absl::OkStatus();
    case EtlKind::kTokenTransfers:
      return add(kToken, uint64_t{row.tokens[0].log_index} << 24, Encode(row.tokens[0]));
    case EtlKind::kTraces:
      return add(kTrace, row.trace.tx_index.value_or(0xffffffff), Encode(row.trace));
    case EtlKind::kTokens:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status BlockAssembler::Add(const RecordSorter::Key& key, absl::string_view record) {
  any_ = true;
  number_ = key.major;
  ++rows_;
  const auto kind = static_cast<uint8_t>(key.minor >> 56);
  if (kind == kLogSeen && !records_.empty() && records_.back().first == kLogSeen) {
    return absl::OkStatus();
  }
  bytes_ += 2 * record.size() + 200;
  if (bytes_ > memory_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("block ", number_, " has more rows than ", memory_,
                     " bytes of memory hold; allow more with --memory"));
  }
  records_.emplace_back(kind, std::string(record));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<BlockData>> BlockAssembler::Take() {
  auto records = std::exchange(records_, {});
  any_ = false;
  rows_ = 0;
  bytes_ = 0;
  // The same row again is no news; rewards alone may be equal and two.
  std::stable_sort(records.begin(), records.end());
  const size_t before = records.size();
  records.erase(std::unique(records.begin(), records.end()), records.end());
  repeated_ += before - records.size();
  BlockData data;
  size_t headers = 0;
  bool from_logs = false;
  for (const auto& [kind, record] : records) {
    from_logs = from_logs || kind == kLogSeen || kind == kLogToken;
  }
  for (const auto& [kind, record] : records) {
    switch (kind) {
      case kHeader:
        ++headers;
        Decode(record, &data.header);
        break;
      case kTransaction:
        Decode(record, &data.transactions.emplace_back());
        break;
      case kReceipt:
        Decode(record, &data.receipts.emplace_back());
        break;
      case kLogToken:
        Decode(record, &data.tokens.emplace_back());
        break;
      case kToken:
        // Made of the same logs, and less exact.
        if (!from_logs) Decode(record, &data.tokens.emplace_back());
        data.has_logs = true;
        break;
      case kTrace:
        Decode(record, &data.traces.emplace_back());
        break;
      default:
        break;
    }
  }
  data.has_logs = data.has_logs || from_logs;
  if (headers == 0) return std::nullopt;
  const auto checked = [&]() -> absl::Status {
    if (headers > 1) return absl::DataLossError("found two rows of it that are not the same");
    std::sort(data.transactions.begin(), data.transactions.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    std::sort(data.tokens.begin(), data.tokens.end(), [](const auto& a, const auto& b) {
      return std::make_tuple(a.log_index, a.part) < std::make_tuple(b.log_index, b.part);
    });
    std::stable_sort(data.traces.begin(), data.traces.end(),
                     [](const auto& a, const auto& b) { return TracePlace(a) < TracePlace(b); });
    SPOOR_RETURN_IF_ERROR(CheckApart<ethereum::Transaction>(
        data.transactions, [](const auto& a, const auto& b) { return a.index == b.index; },
        "transactions with one index"));
    SPOOR_RETURN_IF_ERROR(CheckApart<TokenEvent>(
        data.tokens,
        [](const auto& a, const auto& b) { return a.log_index == b.log_index && a.part == b.part; },
        "logs with one index"));
    return CheckApart<Trace>(
        data.traces,
        [](const auto& a, const auto& b) {
          return a.tx_index.has_value() && a.tx_index == b.tx_index && a.path == b.path;
        },
        "traces in one place");
  }();
  SPOOR_RETURN_IF_ERROR(Annotate(checked, absl::StrCat("block ", number_)));
  return data;
}

}  // namespace spoor
