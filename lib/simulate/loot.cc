#include "lib/simulate/loot.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

uint64_t UnitsOf(const Lots& lots, TheftId theft) {
  uint64_t sum = 0;
  for (const auto& [of, units] : lots) {
    if (of == theft) sum += units;
  }
  return sum;
}

}  // namespace

std::string LootBook::TheftName(TheftId id) const { return absl::StrCat("theft-", id + 1); }

StolenPart LootBook::Describe(CoinId id) const {
  const Coin& coin = ledger_->world().coin(id);
  StolenPart part;
  part.place = ledger_->Place(id);
  part.address = ledger_->AddressText(coin.address);
  part.owner = ledger_->world().ActorName(ledger_->world().address(coin.address).owner);
  part.value = coin.value;
  return part;
}

std::vector<Loot> LootBook::RecordTheft(ActorId victim, ActorId thief,
                                        const std::vector<CoinId>& coins) {
  const World& world = ledger_->world();
  const auto id = static_cast<TheftId>(thefts_++);
  TheftRecord record;
  record.theft = TheftName(id);
  record.txid = ToText(world.coin(coins.at(0)).txid);
  record.height = ledger_->height();
  record.time = ledger_->time();
  record.victim = world.ActorName(victim);
  record.service = ledger_->ServiceName(victim);
  record.thief = world.ActorName(thief);
  std::vector<Loot> loot;
  for (const CoinId coin : coins) {
    StolenPart part = Describe(coin);
    part.stolen = part.value;
    stolen_ += part.value;
    loot.push_back({coin, {{id, part.value}}});
    ledger_->truth().WriteTag({part.address, absl::StrCat(record.theft, " perpetrator"),
                               "perpetrator", "forensic_investigation", record.thief});
    record.outputs.push_back(std::move(part));
  }
  ledger_->truth().Theft(record);
  return loot;
}

Lots LootBook::Allocate(const std::vector<Lots>& inputs, std::vector<Taker>* takers) {
  Lots left;
  for (const Lots& lots : inputs) {
    for (const auto& [theft, units] : lots) {
      if (!left.empty() && left.back().first == theft) {
        left.back().second += units;
      } else if (units > 0) {
        left.emplace_back(theft, units);
      }
    }
  }
  size_t at = 0;
  for (Taker& taker : *takers) {
    uint64_t room = taker.most;
    for (; room > 0 && at < left.size(); ++at) {
      const uint64_t units = std::min(room, left[at].second);
      taker.lots.emplace_back(left[at].first, units);
      room -= units;
      left[at].second -= units;
      if (left[at].second > 0) break;
    }
  }
  left.erase(left.begin(), left.begin() + static_cast<ptrdiff_t>(at));
  return left;
}

void LootBook::WriteSteps(absl::string_view kind, const Txid& txid, const JoinInputs& inputs,
                          const std::vector<Taker>& takers, const Lots& fee) {
  const World& world = ledger_->world();
  std::map<TheftId, StepRecord> steps;
  for (const Lots& lots : inputs.lots) {
    for (const auto& [theft, units] : lots) steps[theft];
  }
  for (auto& [theft, step] : steps) {
    step.theft = TheftName(theft);
    step.thief = world.ActorName(inputs.thief);
    step.kind = kind;
    step.txid = ToText(txid);
    step.height = ledger_->height();
    step.time = ledger_->time();
    for (size_t i = 0; i < inputs.from.size(); ++i) {
      step.from.push_back(inputs.from[i]);
      step.from.back().stolen = UnitsOf(inputs.lots[i], theft);
      if (step.from.back().stolen == 0) step.from.pop_back();
    }
    for (const Taker& taker : takers) {
      const uint64_t units = UnitsOf(taker.lots, theft);
      if (units == 0) continue;
      step.to.push_back(taker.part);
      step.to.back().stolen = units;
      const ActorId owner = world.address(world.coin(taker.coin).address).owner;
      if (owner == inputs.thief) continue;
      ledger_->truth().Endpoint({step.theft, "service", taker.part.place, taker.part.address,
                                 taker.part.owner, ledger_->ServiceName(owner),
                                 KindCategory(world.actor(owner).kind), units, ledger_->height()});
    }
    step.fee = UnitsOf(fee, theft);
    if (step.fee > 0) {
      ledger_->truth().Endpoint(
          {step.theft, "fee", step.txid, "", "", "", "", step.fee, ledger_->height()});
    }
    ledger_->truth().Step(step);
  }
}

LootBook::JoinInputs LootBook::DescribeInputs(ActorId thief, const std::vector<Loot>& loot) const {
  JoinInputs inputs;
  inputs.thief = thief;
  for (const Loot& each : loot) {
    inputs.from.push_back(Describe(each.coin));
    inputs.lots.push_back(each.lots);
  }
  return inputs;
}

std::optional<std::vector<Loot>> LootBook::Move(LootMove move) {
  const World& world = ledger_->world();
  Draft draft;
  uint64_t left = 0;
  for (const Loot& loot : move.loot) draft.inputs.push_back(loot.coin);
  draft.inputs.insert(draft.inputs.end(), move.clean.begin(), move.clean.end());
  for (const CoinId id : draft.inputs) left += world.coin(id).value;
  // On the ledger the outputs stand in random order, in the books in that of intent.
  std::vector<size_t> order(move.outputs.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  ledger_->random().Shuffle(&order);
  for (const size_t i : order) draft.outputs.push_back(move.outputs[i]);
  uint64_t needed = LedgerBuilder::Fee(ledger_->FeeRate(), ledger_->Weight(draft));
  for (size_t i = 0; i < move.outputs.size(); ++i) {
    if (i != move.absorber) needed += move.outputs[i].value;
  }
  if (left < needed + kDust) return std::nullopt;
  for (size_t vout = 0; vout < order.size(); ++vout) {
    if (order[vout] == move.absorber) draft.outputs[vout].value = left - needed;
  }

  const JoinInputs inputs = DescribeInputs(move.thief, move.loot);
  const Added added = ledger_->Add(draft);
  std::vector<Loot> result(move.outputs.size());
  for (size_t vout = 0; vout < order.size(); ++vout) result[order[vout]].coin = added.coins[vout];
  std::vector<Taker> takers;
  std::vector<size_t> taker_of;
  for (size_t i = 0; i < result.size(); ++i) {
    if (result[i].coin == kNone) continue;
    takers.push_back({Describe(result[i].coin), result[i].coin, 0, {}});
    takers.back().most = takers.back().part.value;
    taker_of.push_back(i);
  }
  const Lots fee = Allocate(inputs.lots, &takers);
  WriteSteps(move.kind, added.txid, inputs, takers, fee);
  for (size_t t = 0; t < takers.size(); ++t) {
    const ActorId owner = world.address(world.coin(takers[t].coin).address).owner;
    if (owner == move.thief) result[taker_of[t]].lots = takers[t].lots;
  }
  return result;
}

std::vector<Loot> LootBook::RecordJoin(const JoinInputs& inputs, const CoinJoins::Result& result) {
  std::vector<Taker> takers;
  for (const CoinId coin : result.coins) {
    takers.push_back({Describe(coin), coin, 0, {}});
    takers.back().most = takers.back().part.value;
  }
  const size_t own = takers.size();
  if (result.fee_paid > 0) {
    takers.push_back({Describe(result.fee_coin), result.fee_coin, result.fee_paid, {}});
  }
  const Lots fee = Allocate(inputs.lots, &takers);
  WriteSteps("coinjoin", result.txid, inputs, takers, fee);
  std::vector<Loot> loot;
  for (size_t i = 0; i < own; ++i) loot.push_back({takers[i].coin, takers[i].lots});
  return loot;
}

void LootBook::RecordUnspent(const Loot& loot) {
  const StolenPart part = Describe(loot.coin);
  std::map<TheftId, uint64_t> by_theft;
  for (const auto& [theft, units] : loot.lots) by_theft[theft] += units;
  for (const auto& [theft, units] : by_theft) {
    ledger_->truth().Endpoint({TheftName(theft), "unspent", part.place, part.address, part.owner,
                               "", "perpetrator", units, ledger_->world().coin(loot.coin).height});
  }
}

}  // namespace spoor::simulate
