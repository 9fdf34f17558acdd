#include "fuzz/fuzz.hpp"

// The name and the form are libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mpbridge::fuzz::run({data, size});
    return 0;
}
