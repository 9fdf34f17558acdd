#include "fuzz/fuzz.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::printf("%s\n", path.c_str());
    std::fflush(stdout); // it shall be seen also if this is the end
    const auto bytes = mpbridge::base::bytes_of(text);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

} // namespace

// Stands in for libFuzzer: runs the target once over each file of the folder named.
int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "Usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    std::size_t count = 0;
    LLVMFuzzerTestOneInput(nullptr, 0);
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        replay(entry.path());
        ++count;
    }
    std::printf("%zu files\n", count);
    return count > 0 ? 0 : 1;
}
