#include <cmath>
#include <string>

#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/report/estimate_report.h"

namespace spoor {
namespace {

constexpr double kShares = 1e6;  // digits after the point
constexpr double kCents = 100;

// So that machines whose last bits differ print the same.
double Rounded(double value, double digits) {
  const double scaled = std::round(value * digits);
  // -0 would print as such.
  return std::isfinite(scaled) ? scaled / digits + 0.0 : value;
}

void WriteInterval(const Interval& interval, double digits, Json* json) {
  json->BeginObject();
  json->Key("low").Decimal(Rounded(interval.low, digits));
  json->Key("p5").Decimal(Rounded(interval.p5, digits));
  json->Key("p50").Decimal(Rounded(interval.p50, digits));
  json->Key("p95").Decimal(Rounded(interval.p95, digits));
  json->Key("high").Decimal(Rounded(interval.high, digits));
  json->EndObject();
}

// Members of the object begun.
void WriteFigures(const Figures& figures, double digits, Json* json) {
  json->Key("conditional");
  WriteInterval(figures.conditional, digits, json);
  json->Key("weighted");
  WriteInterval(figures.weighted, digits, json);
}

void WriteFiguresObject(const Figures& figures, double digits, Json* json) {
  json->BeginObject();
  WriteFigures(figures, digits, json);
  json->EndObject();
}

// `share` of `units`, rounded down.
Units Part(const Units& units, double share) {
  constexpr uint64_t kParts = 1'000'000'000'000;
  const double parts = std::min(1.0, std::max(0.0, share)) * static_cast<double>(kParts);
  return MulDiv(units, Units(static_cast<uint64_t>(parts)), Units(kParts));
}

void WriteAmounts(const Interval& interval, const Units& least, const Units& most, Json* json) {
  json->BeginObject();
  json->Key("low").Amount(Part(least, interval.low));
  json->Key("p5").Amount(Part(least, interval.p5));
  json->Key("p50").Amount(Part(most, interval.p50));
  json->Key("p95").Amount(Part(most, interval.p95));
  json->Key("high").Amount(Part(most, interval.high));
  json->EndObject();
}

// One layer: shares of units, the same in base units of what was stolen if that is one asset, in
// shares of worth, in dollars.
void WriteLayer(const Estimate& estimate, Figures Layers::*layer, Json* json) {
  json->BeginObject();
  const Figures& units = estimate.envelope.units.*layer;
  WriteFigures(units, kShares, json);
  json->Key("amounts");
  if (estimate.traced_case && estimate.stolen_least.size() == 1) {
    const auto& [asset, least] = *estimate.stolen_least.begin();
    const Units& most = estimate.stolen_most.begin()->second;
    json->BeginObject();
    json->Key("asset").String(asset);
    json->Key("conditional");
    WriteAmounts(units.conditional, least, most, json);
    json->Key("weighted");
    WriteAmounts(units.weighted, least, most, json);
    json->EndObject();
  } else {
    json->Null();
  }
  json->Key("value");
  WriteFiguresObject(estimate.envelope.value.*layer, kShares, json);
  json->Key("usd");
  if (estimate.usd.has_value()) {
    WriteFiguresObject(*estimate.usd.*layer, kCents, json);
  } else {
    json->Null();
  }
  json->EndObject();
}

void WriteMeasures(const Measures& measures, Json* json) {
  json->BeginObject();
  json->Key("usable");
  WriteFiguresObject(measures.units.usable, kShares, json);
  json->Key("programmes");
  WriteFiguresObject(measures.units.programmes, kShares, json);
  json->Key("usable_value");
  WriteFiguresObject(measures.value.usable, kShares, json);
  json->Key("programmes_value");
  WriteFiguresObject(measures.value.programmes, kShares, json);
  json->EndObject();
}

void WriteUsd(const std::optional<double>& usd, Json* json) {
  if (usd.has_value()) {
    json->Decimal(Rounded(*usd, kCents));
  } else {
    json->Null();
  }
}

void WriteText(const std::string& text, Json* json) {
  if (text.empty()) {
    json->Null();
  } else {
    json->String(text);
  }
}

void WriteTraced(const Estimate& estimate, Json* json) {
  json->BeginArray();
  if (estimate.traced_case) {
    for (const TracedRow& row : estimate.traced) {
      json->BeginObject();
      json->Key("policy").String(row.policy);
      json->Key("asset").String(row.asset);
      json->Key("kind").String(row.kind);
      json->Key("category");
      WriteText(row.category, json);
      json->Key("bucket").String(BucketName(row.bucket));
      json->Key("endpoints").Number(row.endpoints);
      json->Key("stolen_units").Amount(row.stolen);
      json->Key("share").Decimal(Rounded(row.share, kShares));
      json->Key("usd");
      WriteUsd(row.usd, json);
      json->EndObject();
    }
  }
  json->EndArray();
}

void WriteBounds(const Estimate& estimate, Json* json) {
  json->BeginArray();
  for (const TracedBound& bound : estimate.bounds) {
    json->BeginObject();
    json->Key("kind").String(bound.kind);
    json->Key("category");
    WriteText(bound.category, json);
    json->Key("asset").String(bound.asset);
    json->Key("stolen").Amount(bound.stolen);
    json->Key("stolen_least").Amount(bound.stolen_least);
    json->Key("lower").Amount(bound.lower);
    json->Key("upper").Amount(bound.upper);
    json->EndObject();
  }
  json->EndArray();
}

void WriteStolen(const Estimate& estimate, Json* json) {
  json->BeginArray();
  if (estimate.traced_case) {
    for (const auto& [asset, least] : estimate.stolen_least) {
      json->BeginObject();
      json->Key("asset").String(asset);
      json->Key("least").Amount(least);
      json->Key("most").Amount(estimate.stolen_most.at(asset));
      json->EndObject();
    }
  }
  json->EndArray();
}

void WritePolicies(const Estimate& estimate, Json* json) {
  json->BeginArray();
  for (const PolicyEstimate& policy : estimate.policies) {
    json->BeginObject();
    json->Key("policy").String(policy.policy);
    json->Key("stolen_usd");
    WriteUsd(policy.stolen_usd, json);
    json->Key("independent");
    WriteMeasures(policy.independent, json);
    json->Key("dependent");
    WriteMeasures(policy.dependent, json);
    json->EndObject();
  }
  json->EndArray();
}

void WriteSensitivity(const Estimate& estimate, Json* json) {
  json->BeginArray();
  for (const Swing& swing : estimate.sensitivity) {
    json->BeginObject();
    json->Key("parameter").String(swing.parameter);
    json->Key("of").String(swing.of);
    json->Key("from").Decimal(Rounded(swing.from, kShares));
    json->Key("to").Decimal(Rounded(swing.to, kShares));
    json->Key("swing").Decimal(Rounded(swing.swing, kShares));
    json->EndObject();
  }
  json->EndArray();
}

void WriteParameters(const Model& model, Json* json) {
  json->BeginArray();
  for (size_t i = 0; i < kParameters; ++i) {
    const auto id = static_cast<ParameterId>(i);
    const Parameter& parameter = model[id];
    json->BeginObject();
    json->Key("name").String(ParameterName(id));
    if (id == ParameterId::kAttribution) {
      json->Key("level");
      WriteText(model.attribution_level, json);
    }
    json->Key("low").Decimal(parameter.low);
    json->Key("mode").Decimal(parameter.mode);
    json->Key("high").Decimal(parameter.high);
    json->Key("weight").Decimal(parameter.weight);
    json->Key("meaning").String(parameter.meaning);
    json->Key("source").String(parameter.source);
    json->Key("date");
    WriteText(parameter.date, json);
    json->Key("mark").String(parameter.mark);
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace

std::string EstimateToJson(const Estimate& estimate) {
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.estimate.v1");
  json.Key("as_of");
  WriteText(estimate.traced_case ? IsoTime(estimate.as_of) : "", &json);
  json.Key("horizon");
  WriteText(estimate.traced_case ? IsoTime(estimate.horizon) : "", &json);
  json.Key("horizon_days").Number(static_cast<uint64_t>(estimate.options.horizon_days));
  json.Key("seed").Number(estimate.options.seed);
  json.Key("samples").Number(estimate.options.samples);
  json.Key("sampling_error").Decimal(Rounded(estimate.sampling_error, kShares));
  json.Key("sampling_error_value").Decimal(Rounded(estimate.sampling_error_value, kShares));
  json.Key("stolen");
  WriteStolen(estimate, &json);
  json.Key("stolen_usd");
  WriteUsd(estimate.stolen_usd_most, &json);
  json.Key("traced");
  WriteTraced(estimate, &json);
  json.Key("bounds");
  WriteBounds(estimate, &json);
  json.Key("usable");
  WriteLayer(estimate, &Layers::usable, &json);
  json.Key("any_account");
  if (estimate.any_account.has_value()) {
    json.BeginObject();
    json.Key("low").Decimal(Rounded(estimate.any_account->low, kShares));
    json.Key("high").Decimal(Rounded(estimate.any_account->high, kShares));
    json.EndObject();
  } else {
    json.Null();
  }
  json.Key("programmes");
  WriteLayer(estimate, &Layers::programmes, &json);
  json.Key("policies");
  WritePolicies(estimate, &json);
  json.Key("sensitivity");
  WriteSensitivity(estimate, &json);
  json.Key("parameters");
  WriteParameters(estimate.model, &json);
  const EstimateSentences sentences = SentencesOf(estimate);
  json.Key("sentence").String(sentences.quotable);
  json.Key("sentence_not_to_write").String(sentences.forbidden);
  json.Key("why_not").String(sentences.why_not);
  json.Key("warnings").BeginArray();
  for (const std::string& warning : estimate.warnings) json.String(warning);
  json.EndArray();
  json.EndObject();
  return json.Take();
}

}  // namespace spoor
