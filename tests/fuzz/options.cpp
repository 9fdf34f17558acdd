#include "app/options.hpp"
#include "app/attach_options.hpp"
#include "fuzz/fuzz.hpp"

#include <iostream>
#include <streambuf>

// The command lines of both programs: any words are either understood or a usage error.
namespace mpbridge::fuzz {
namespace {

constexpr int usage_error = 2;

// Takes what is printed and keeps nothing of it.
class Silence : public std::streambuf {
    int_type overflow(int_type character) override { return traits_type::not_eof(character); }
    std::streamsize xsputn(const char_type*, std::streamsize count) override { return count; }
};

class Silenced {
  public:
    explicit Silenced(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(&silence_)) {}
    ~Silenced() { stream_.rdbuf(before_); }
    Silenced(const Silenced&) = delete;
    Silenced& operator=(const Silenced&) = delete;

  private:
    Silence silence_;
    std::ostream& stream_;
    std::streambuf* before_;
};

std::vector<std::string> words_from(base::ByteView made_up) {
    std::vector<std::string> words;
    auto text = base::text_of(made_up);
    while (!text.empty()) {
        const auto end = std::min(text.find('\0'), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

void check(const app::Exit& exit) {
    require(exit.code == 0 || exit.code == usage_error, "an exit status of a command line");
}

void check(const app::Options& options) {
    require(options.port != options.socket_port, "two different ports");
    require(options.replay <= std::size_t{1} << 30U, "a size to replay that is in range");
    require(options.standby <= 16, "a number of spare processes that is in range");
    require(options.busy_poll_us >= 0 && options.busy_poll_us <= 10'000, "a time that is in range");
    require(options.pty_options.mode <= 0777, "a mode that is in range");
    app::starts_with_code(options);
}

void check(const app::AttachOptions& options) {
    require(!options.remote.target.host.empty(), "a host to connect to");
    require(options.remote.target.port != 0, "a port to connect to");
    require(options.remote.settings.data_size >= 5 && options.remote.settings.data_size <= 8,
            "data bits that are in range");
    require(options.pty.mode <= 0777, "a mode that is in range");
}

} // namespace

// The words, with a NUL behind each.
void run(base::ByteView made_up) {
    const auto words = words_from(made_up);
    std::vector<const char*> argv{app::bridge_name};
    for (const auto& word : words) {
        argv.push_back(word.c_str());
    }
    const Silenced out(std::cout);
    const Silenced err(std::cerr);
    const auto argc = static_cast<int>(argv.size());
    std::visit([](const auto& result) { check(result); }, app::parse_options(argc, argv.data()));
    std::visit([](const auto& result) { check(result); },
               app::parse_attach_options(argc, argv.data()));
}

} // namespace mpbridge::fuzz
