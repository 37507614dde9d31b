#include "spoor/taint/trace_lists.h"

#include <algorithm>
#include <tuple>

#include "lib/taint/endpoint_order.h"
#include "spoor/base/sort_by_number.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();

}  // namespace

void Endpoints::Add(Part part) {
  SPOOR_CHECK(part.rows.size() <= std::numeric_limits<uint32_t>::max());
  const auto number = static_cast<uint32_t>(parts_.size());
  order_.reserve(order_.size() + part.rows.size());
  for (size_t i = 0; i < part.rows.size(); ++i) {
    order_.push_back({number, static_cast<uint32_t>(i)});
  }
  parts_.push_back(std::move(part));
}

Endpoint Endpoints::operator[](size_t i) const {
  if (i < plain_.size()) return plain_[i];
  FetchAfter(i - plain_.size());
  return Make(order_[i - plain_.size()]);
}

void Endpoints::FetchAfter(size_t i) const {
  constexpr size_t kStep = 8;
  const auto part = [&](size_t j) -> const Part& { return parts_[order_[j].part]; };
  const auto row = [&](size_t j) -> const Row& { return part(j).rows[order_[j].row]; };
  const auto place = [&](size_t j) -> const EndPlace& { return (*part(j).places)[row(j).place]; };
  if (i + 3 * kStep < order_.size()) __builtin_prefetch(&row(i + 3 * kStep));
  if (i + 2 * kStep < order_.size()) __builtin_prefetch(&place(i + 2 * kStep));
  if (i + kStep < order_.size()) {
    __builtin_prefetch(&(*part(i + kStep).names)[place(i + kStep).movement]);
  }
}

Endpoint Endpoints::Make(Ref ref) const {
  const Part& part = parts_[ref.part];
  const Row& row = part.rows[ref.row];
  const EndPlace& place = (*part.places)[row.place];
  const MovementName& name = (*part.names)[place.movement];
  Endpoint end;
  end.kind = row.kind();
  end.chain = part.chain;
  end.position = name.position;
  end.height = name.height;
  end.txid = name.txid;
  // Nothing is converted here, and what comes to an output comes at once.
  end.first_height = name.height;
  end.at_output = place.at_output();
  end.output = place.output();
  end.owner = place.owner;
  end.amount = place.amount;
  end.tainted = row.tainted;
  end.stolen = row.tainted;
  end.hops = row.hops();
  VisitSources(part, row,
               [&](SourceId source, uint64_t units) { end.by_source.emplace_back(source, units); });
  return end;
}

bool Endpoints::Before(Ref a, Ref b) const {
  const auto place = [&](Ref ref) -> const EndPlace& {
    const Part& part = parts_[ref.part];
    return (*part.places)[part.rows[ref.row].place];
  };
  const auto name = [&](Ref ref) -> const MovementName& {
    return (*parts_[ref.part].names)[place(ref).movement];
  };
  const OutputPlace x = {&name(a).txid, place(a).at_output(), place(a).output()};
  const OutputPlace y = {&name(b).txid, place(b).at_output(), place(b).output()};
  if (OutputBefore(x, y)) return true;
  if (OutputBefore(y, x)) return false;
  const auto rest = [&](Ref ref) {
    const Part& part = parts_[ref.part];
    return std::tuple(part.chain, name(ref).position, part.rows[ref.row].kind(),
                      place(ref).output());
  };
  return rest(a) < rest(b);
}

void Endpoints::Sort() {
  if (!plain_.empty()) {
    for (const Ref ref : order_) plain_.push_back(Make(ref));
    parts_.clear();
    order_.clear();
    if (!std::is_sorted(plain_.begin(), plain_.end(), EndpointBefore)) {
      std::sort(plain_.begin(), plain_.end(), EndpointBefore);
    }
    return;
  }
  HugePageVector<OrderKey> keys;
  keys.reserve(order_.size());
  for (const Ref ref : order_) {
    const Part& part = parts_[ref.part];
    const Row& row = part.rows[ref.row];
    const MovementName& name = (*part.names)[(*part.places)[row.place].movement];
    keys.push_back({~row.tainted, PlaceBegins(name.txid), ref});
  }
  const auto untainted = [](const OrderKey& key) { return key.untainted; };
  const auto text = [](const OrderKey& key) { return key.text; };
  SortByNumber(keys.begin(), keys.end(), untainted);
  // Where as many are tainted, of the fees above all, the text decides, nearly always by its
  // beginning.
  VisitEqual(keys.begin(), keys.end(), untainted, [&](auto first, auto last) {
    SortByNumber(first, last, text);
    VisitEqual(first, last, text, [&](auto begin, auto end) {
      std::sort(begin, end,
                [&](const OrderKey& a, const OrderKey& b) { return Before(a.ref, b.ref); });
    });
  });
  for (size_t i = 0; i < keys.size(); ++i) order_[i] = keys[i].ref;
}

void Flows::Add(Part part) {
  SPOOR_CHECK(part.rows.size() <= std::numeric_limits<uint32_t>::max());
  const auto number = static_cast<uint32_t>(parts_.size());
  for (size_t i = 0; i < part.rows.size(); ++i) {
    const Row& row = part.rows[i];
    if (i > 0 && part.rows[i - 1].from == row.from && part.rows[i - 1].to == row.to) continue;
    order_.push_back({number, static_cast<uint32_t>(i)});
  }
  parts_.push_back(std::move(part));
}

Flow Flows::operator[](size_t i) const {
  return i < plain_.size() ? plain_[i] : Make(order_[i - plain_.size()]);
}

Flow Flows::Make(Ref ref) const {
  const Part& part = parts_[ref.part];
  const Row& first = part.rows[ref.row];
  Flow flow;
  flow.chain = part.chain;
  flow.from = first.from;
  flow.to = first.to;
  flow.tainted = Tainted(ref);
  for (size_t i = ref.row; i < part.rows.size(); ++i) {
    const Row& row = part.rows[i];
    if (row.from != flow.from || row.to != flow.to) break;
    flow.movements += row.movements;
    if (row.movement == Row::kSeveral) continue;
    const MovementName& name = (*part.names)[row.movement];
    if (flow.transactions.size() < Flow::kMostTransactions &&
        (flow.transactions.empty() || flow.transactions.back().txid != name.txid)) {
      flow.transactions.push_back({name.txid, name.height, 0});
    }
    if (flow.transactions.back().txid == name.txid) flow.transactions.back().tainted += row.units;
  }
  if (part.back) std::reverse(flow.transactions.begin(), flow.transactions.end());
  return flow;
}

Units Flows::Tainted(Ref ref) const {
  const std::vector<Row>& rows = parts_[ref.part].rows;
  const Row& first = rows[ref.row];
  __extension__ using Uint128 = unsigned __int128;
  Uint128 sum = 0;
  for (size_t i = ref.row; i < rows.size(); ++i) {
    if (rows[i].from != first.from || rows[i].to != first.to) break;
    sum += rows[i].units;
  }
  return Units(sum);
}

void Flows::Sort() {
  const auto before = [](const Flow& a, const Flow& b) {
    if (a.tainted != b.tainted) return a.tainted > b.tainted;
    return std::tie(a.chain, a.asset, a.from, a.to) < std::tie(b.chain, b.asset, b.from, b.to);
  };
  if (!plain_.empty()) {
    for (const Ref ref : order_) plain_.push_back(Make(ref));
    parts_.clear();
    order_.clear();
    std::sort(plain_.begin(), plain_.end(), before);
    return;
  }
  HugePageVector<OrderKey> keys;
  keys.reserve(order_.size());
  for (const Ref ref : order_) {
    const std::vector<Row>& rows = parts_[ref.part].rows;
    const Row& first = rows[ref.row];
    uint64_t sum = 0;
    for (size_t i = ref.row; i < rows.size(); ++i) {
      if (rows[i].from != first.from || rows[i].to != first.to) break;
      if (__builtin_add_overflow(sum, rows[i].units, &sum)) {
        sum = kMax64;
        break;
      }
    }
    keys.push_back({~sum, first.from.number, ref});
  }
  const auto untainted = [](const OrderKey& key) { return key.untainted; };
  const auto from = [](const OrderKey& key) { return key.from; };
  const bool one_chain = std::all_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.chain == parts_[0].chain;
  });
  const auto rest_before = [&](const OrderKey& a, const OrderKey& b) {
    const auto rest = [&](Ref ref) {
      const Part& part = parts_[ref.part];
      return std::tuple(part.chain, part.rows[ref.row].from, part.rows[ref.row].to);
    };
    return rest(a.ref) < rest(b.ref);
  };
  SortByNumber(keys.begin(), keys.end(), untainted);
  VisitEqual(keys.begin(), keys.end(), untainted, [&](auto first, auto last) {
    if (first->untainted == ~kMax64) {
      std::sort(first, last, [&](const OrderKey& a, const OrderKey& b) {
        const Units x = Tainted(a.ref);
        const Units y = Tainted(b.ref);
        return x != y ? x > y : rest_before(a, b);
      });
      return;
    }
    if (!one_chain) {
      std::sort(first, last, rest_before);
      return;
    }
    SortByNumber(first, last, from);
    VisitEqual(first, last, from,
               [&](auto begin, auto end) { std::sort(begin, end, rest_before); });
  });
  for (size_t i = 0; i < keys.size(); ++i) order_[i] = keys[i].ref;
}

}  // namespace spoor
