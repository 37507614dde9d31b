# What libspoor links to. The installed package config includes this same file, so that whoever
# links spoor::spoor repeats exactly this search.
find_package(absl REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(simdjson REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(spoor_secp256k1 REQUIRED IMPORTED_TARGET GLOBAL libsecp256k1>=0.2)
pkg_check_modules(spoor_cryptopp REQUIRED IMPORTED_TARGET GLOBAL libcrypto++)
pkg_check_modules(spoor_rocksdb REQUIRED IMPORTED_TARGET GLOBAL rocksdb>=7.8)
pkg_check_modules(spoor_curl REQUIRED IMPORTED_TARGET GLOBAL libcurl>=7.85)
pkg_check_modules(spoor_yaml_cpp REQUIRED IMPORTED_TARGET GLOBAL yaml-cpp>=0.7)
pkg_check_modules(spoor_libxml2 REQUIRED IMPORTED_TARGET GLOBAL libxml-2.0>=2.9)
