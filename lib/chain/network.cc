#include "spoor/chain/network.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace spoor {
namespace {

constexpr uint64_t kCoin = 100'000'000;

BlockHash Genesis(absl::string_view text) { return FromText<BlockHash>(text).value(); }

Network Main() {
  return {.id = NetworkId::kMain,
          .name = "main",
          .chain = "bitcoin",
          .symbol = "BTC",
          .magic = {0xf9, 0xbe, 0xb4, 0xd9},
          .genesis = Genesis("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
          .pubkey_prefix = 0,
          .script_prefix = 5,
          .old_script_prefix = 5,
          .bech32_hrp = "bc",
          .pow_limit_bits = 0x1d00ffff,
          .scrypt_pow = false,
          .initial_subsidy = 50 * kCoin,
          .halving_interval = 210'000,
          .max_money = 21'000'000 * kCoin,
          .mweb = false};
}

Network Test() {
  Network n = Main();
  n.id = NetworkId::kTest;
  n.name = "test";
  n.chain = "bitcoin-test";
  n.magic = {0x0b, 0x11, 0x09, 0x07};
  n.genesis = Genesis("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943");
  n.pubkey_prefix = 111;
  n.script_prefix = n.old_script_prefix = 196;
  n.bech32_hrp = "tb";
  return n;
}

Network Testnet4() {
  Network n = Test();
  n.id = NetworkId::kTestnet4;
  n.name = "testnet4";
  n.chain = "bitcoin-testnet4";
  n.magic = {0x1c, 0x16, 0x3f, 0x28};
  n.genesis = Genesis("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043");
  return n;
}

// The default signet of BIP 325; a signet of one's own has another magic.
Network Signet() {
  Network n = Test();
  n.id = NetworkId::kSignet;
  n.name = "signet";
  n.chain = "bitcoin-signet";
  n.magic = {0x0a, 0x03, 0xcf, 0x40};
  n.genesis = Genesis("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6");
  n.pow_limit_bits = 0x1e0377ae;
  return n;
}

Network Regtest() {
  Network n = Test();
  n.id = NetworkId::kRegtest;
  n.name = "regtest";
  n.chain = "bitcoin-regtest";
  n.magic = {0xfa, 0xbf, 0xb5, 0xda};
  n.genesis = Genesis("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");
  n.bech32_hrp = "bcrt";
  n.pow_limit_bits = 0x207fffff;
  n.halving_interval = 150;
  return n;
}

Network Litecoin() {
  return {.id = NetworkId::kLitecoin,
          .name = "litecoin",
          .chain = "litecoin",
          .symbol = "LTC",
          .magic = {0xfb, 0xc0, 0xb6, 0xdb},
          .genesis = Genesis("12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2"),
          .pubkey_prefix = 48,
          .script_prefix = 50,
          .old_script_prefix = 5,
          .bech32_hrp = "ltc",
          .pow_limit_bits = 0x1e0fffff,
          .scrypt_pow = true,
          .initial_subsidy = 50 * kCoin,
          .halving_interval = 840'000,
          .max_money = 84'000'000 * kCoin,
          .mweb = true};
}

Network LitecoinRegtest() {
  Network n = Litecoin();
  n.id = NetworkId::kLitecoinRegtest;
  n.name = n.chain = "litecoin-regtest";
  n.magic = {0xfa, 0xbf, 0xb5, 0xda};
  n.genesis = Genesis("530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9");
  n.pubkey_prefix = 111;
  n.script_prefix = 58;
  n.old_script_prefix = 196;
  n.bech32_hrp = "rltc";
  n.pow_limit_bits = 0x207fffff;
  n.halving_interval = 150;
  return n;
}

}  // namespace

const std::vector<const Network*>& AllNetworks() {
  static const auto* const networks = new std::vector<const Network*>{
      new Network(Main()),           new Network(Test()),    new Network(Testnet4()),
      new Network(Signet()),         new Network(Regtest()), new Network(Litecoin()),
      new Network(LitecoinRegtest())};
  return *networks;
}

const Network& GetNetwork(NetworkId id) { return *AllNetworks()[static_cast<size_t>(id)]; }

absl::StatusOr<const Network*> FindNetwork(absl::string_view name) {
  for (const Network* network : AllNetworks()) {
    if (name == network->name || name == network->chain) return network;
  }
  const auto append_name = [](std::string* out, const Network* n) {
    absl::StrAppend(out, n->name);
  };
  return absl::InvalidArgumentError(absl::StrCat("no network \"", name, "\", wanted one of ",
                                                 absl::StrJoin(AllNetworks(), ", ", append_name)));
}

uint64_t BlockSubsidy(const Network& network, uint32_t height) {
  const uint32_t halvings = height / network.halving_interval;
  return halvings < 64 ? network.initial_subsidy >> halvings : 0;
}

}  // namespace spoor
