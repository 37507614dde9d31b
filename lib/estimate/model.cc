#include "spoor/estimate/model.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"
#include "yaml-cpp/yaml.h"

namespace spoor {
namespace {

struct Trait {
  absl::string_view name;
  bool raises;
  double least, most;  // of any value
};
constexpr double kMostRatio = 1000;
constexpr double kMostDays = 36'500;
constexpr std::array<Trait, kParameters> kTraits = {{
    {"frozen", false, 0, 1},
    {"held_1y", false, 0, 1},
    {"held_45d", false, 0, 1},
    {"conversion_cost", false, 0, 1},
    {"broker_discount", false, 0, 1},
    {"retained", false, 0, 1},
    {"pass_exchange", true, 0, 1},
    {"pass_mixer", true, 0, 1},
    {"pass_otc", true, 0, 1},
    {"pass_bridge", true, 0, 1},
    {"pass_unknown", true, 0, 1},
    {"pass_frozen", true, 0, 1},
    {"price_ratio", true, 0, kMostRatio},
    {"programme_share", true, 0, 1},
    {"attribution", true, 0, 1},
    {"days_to_cash", false, 0, kMostDays},
}};
constexpr double kMostWeight = 1000;
// A file is a page or two; what is longer is something else.
constexpr size_t kLargestFile = size_t{1} << 20;
constexpr size_t kLongestText = 2000;
constexpr char kDefaultAttribution[] = "suspected";

std::string Short(const std::string& text) { return text.substr(0, 80); }

std::string NamesOfAll() {
  return absl::StrJoin(kTraits, ", ", [](std::string* out, const Trait& trait) {
    absl::StrAppend(out, trait.name);
  });
}

absl::StatusOr<size_t> IndexOf(const std::string& name) {
  for (size_t i = 0; i < kParameters; ++i) {
    if (kTraits[i].name == name) return i;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("found a parameter \"", Short(name), "\", wanted of ", NamesOfAll()));
}

// An entry of a file, its members by name. Errors name the parameter once it is known.
class Entry {
 public:
  static absl::StatusOr<Entry> Read(const YAML::Node& node) {
    const auto fault = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("line ", node.Mark().line + 1, ": ", what));
    };
    if (!node.IsMap()) return fault("found no map, wanted a parameter's name, low, mode and high");
    Entry entry;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return fault("found a member without a name");
      const std::string& key = member.first.Scalar();
      static const auto* const kKnown = new std::set<std::string>{
          "name", "level", "low", "mode", "high", "weight", "source", "date", "mark", "meaning"};
      if (kKnown->count(key) == 0) {
        return fault(absl::StrCat("found a member \"", Short(key), "\", wanted of ",
                                  absl::StrJoin(*kKnown, ", ")));
      }
      if (!member.second.IsScalar() && !member.second.IsNull()) {
        return fault(absl::StrCat("\"", key, "\" is no single value"));
      }
      const std::string text = member.second.IsNull() ? "" : member.second.Scalar();
      if (text.size() > kLongestText) {
        return fault(absl::StrCat("\"", key, "\" has ", text.size(), " bytes, wanted at most ",
                                  kLongestText));
      }
      if (!entry.members_.emplace(key, text).second) {
        return fault(absl::StrCat("\"", key, "\" stands there twice"));
      }
    }
    if (entry.Text("name").empty()) return fault("found a parameter without a name");
    return entry;
  }

  bool Has(const std::string& key) const { return members_.count(key) > 0; }
  std::string Text(const std::string& key) const {
    const auto it = members_.find(key);
    return it == members_.end() ? std::string() : it->second;
  }
  absl::Status Number(const std::string& key, double least, double most, double* out) const {
    const std::string text = Text(key);
    double value = 0;
    if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) {
      return Fault(absl::StrCat(key, ": found ",
                                text.empty() ? "nothing" : "\"" + Short(text) + "\"",
                                ", wanted a number"));
    }
    if (value < least || value > most) {
      return Fault(absl::StrCat(key, ": found ", value, ", wanted ", least, " to ", most));
    }
    *out = value;
    return absl::OkStatus();
  }
  absl::Status Fault(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("parameter ", Short(Text("name")), ": ", what));
  }

 private:
  std::map<std::string, std::string> members_;
};

absl::Status ReadParameter(const Entry& entry, const Trait& trait, absl::string_view file,
                           const Parameter& before, Parameter* parameter) {
  SPOOR_RETURN_IF_ERROR(entry.Number("low", trait.least, trait.most, &parameter->low));
  SPOOR_RETURN_IF_ERROR(entry.Number("mode", trait.least, trait.most, &parameter->mode));
  SPOOR_RETURN_IF_ERROR(entry.Number("high", trait.least, trait.most, &parameter->high));
  if (!(parameter->low <= parameter->mode && parameter->mode <= parameter->high)) {
    return entry.Fault(absl::StrCat("found low ", parameter->low, ", mode ", parameter->mode,
                                    ", high ", parameter->high, ", wanted low <= mode <= high"));
  }
  parameter->weight = before.weight;
  if (entry.Has("weight")) {
    SPOOR_RETURN_IF_ERROR(entry.Number("weight", 0, kMostWeight, &parameter->weight));
  }
  parameter->source = entry.Text("source");
  if (parameter->source.empty()) parameter->source = absl::StrCat(file, ", which names no source");
  parameter->mark = entry.Has("mark") ? entry.Text("mark") : std::string("user");
  parameter->date = entry.Text("date");
  parameter->meaning = entry.Has("meaning") ? entry.Text("meaning") : before.meaning;
  return absl::OkStatus();
}

absl::Status ReadEntry(const YAML::Node& node, absl::string_view file,
                       std::set<std::pair<std::string, std::string>>* seen, Model* model) {
  SPOOR_ASSIGN_OR_RETURN(const Entry entry, Entry::Read(node));
  const std::string name = entry.Text("name");
  SPOOR_ASSIGN_OR_RETURN(const size_t index, IndexOf(name));
  const std::string level = entry.Text("level");
  if (!seen->emplace(name, level).second) return entry.Fault("stands there twice");
  Parameter parameter;
  SPOOR_RETURN_IF_ERROR(
      ReadParameter(entry, kTraits[index], file, model->parameters[index], &parameter));
  const bool attribution = static_cast<ParameterId>(index) == ParameterId::kAttribution;
  if (level.empty()) {
    model->parameters[index] = std::move(parameter);
    if (attribution) model->attribution_level.clear();
    return absl::OkStatus();
  }
  if (!attribution) return entry.Fault("found a level, which only attribution has");
  if (level == model->attribution_level) model->parameters[index] = parameter;
  model->attribution_levels[level] = std::move(parameter);
  return absl::OkStatus();
}

absl::Status ReadNode(const YAML::Node& root, absl::string_view file, Model* model) {
  YAML::Node list = root;
  if (root.IsMap()) {
    for (const auto& member : root) {
      if (!member.first.IsScalar() || member.first.Scalar() != "parameters") {
        return absl::InvalidArgumentError(absl::StrCat(
            "found ",
            member.first.IsScalar() ? "\"" + Short(member.first.Scalar()) + "\"" : "a map",
            " beside the parameters, wanted only \"parameters\", a list"));
      }
      list.reset(member.second);
    }
  }
  if (!list.IsSequence()) {
    return absl::InvalidArgumentError("found no list of parameters, wanted one");
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const YAML::Node& node : list) {
    SPOOR_RETURN_IF_ERROR(ReadEntry(node, file, &seen, model));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view ParameterName(ParameterId id) { return kTraits[static_cast<size_t>(id)].name; }

bool RaisesEstimate(ParameterId id) { return kTraits[static_cast<size_t>(id)].raises; }

const Model& DefaultModel() {
  static const Model* const kModel = [] {
    auto* model = new Model;
    SPOOR_CHECK(OverrideModel("estimate.yaml", DefaultModelText(), model).ok());
    SPOOR_CHECK(SetAttribution(kDefaultAttribution, model).ok());
    return model;
  }();
  return *kModel;
}

absl::Status OverrideModel(absl::string_view file, absl::string_view yaml, Model* model) {
  const auto in_file = [&](const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
  };
  if (yaml.size() > kLargestFile) {
    return in_file(absl::InvalidArgumentError(
        absl::StrCat("found ", yaml.size(), " bytes, wanted at most ", kLargestFile)));
  }
  Model changed = *model;
  try {
    if (absl::Status s = ReadNode(YAML::Load(std::string(yaml)), file, &changed); !s.ok()) {
      return in_file(s);
    }
  } catch (const YAML::Exception& e) {
    return in_file(absl::InvalidArgumentError(absl::StrCat("line ", e.mark.line + 1, ": ", e.msg)));
  }
  *model = std::move(changed);
  return absl::OkStatus();
}

absl::Status SetAttribution(absl::string_view level, Model* model) {
  const auto it = model->attribution_levels.find(level);
  if (it == model->attribution_levels.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "found attribution \"", level.substr(0, 80), "\", wanted of ",
        absl::StrJoin(model->attribution_levels, ", ", [](std::string* out, const auto& entry) {
          absl::StrAppend(out, entry.first);
        })));
  }
  model->attribution_level = it->first;
  (*model)[ParameterId::kAttribution] = it->second;
  return absl::OkStatus();
}

}  // namespace spoor
