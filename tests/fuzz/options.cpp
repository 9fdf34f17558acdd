#include "app/options.hpp"
#include "app/attach_options.hpp"
#include "app/words.hpp"
#include "fuzz/fuzz.hpp"
#include "ports/listener.hpp"

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

// The words MicroPython gets are those of the options, and the log shows the same.
void check_micropython(const app::Options& options) {
    const auto arguments = app::micropython_arguments(options);
    auto word = arguments.begin();
    const auto next = [&] { return word != arguments.end() ? *word++ : std::string(); };

    std::string shown = "micropython";
    if (options.optimization > 0) {
        const auto level = static_cast<std::size_t>(options.optimization);
        require(next() == "-" + std::string(level, 'O'), "one word for the optimization");
        for (std::size_t i = 0; i < level; ++i) {
            shown += " -O";
        }
    }
    std::for_each(word, arguments.end(), [&shown](const auto& each) { shown += " " + each; });
    require(app::micropython_command_line("micropython", options) == shown, "the same in the log");

    for (const auto& option : options.implementation_options) {
        require(next() == "-X" && next() == option, "each -X as it was given");
    }
    for (int i = 0; i < options.micropython_verbosity; ++i) {
        require(next() == "-v", "as verbose as was asked for");
    }
    const bool more = word != arguments.end();
    require(!more || !options.micropython_args.empty(), "nothing that was not asked for");
    require(!app::starts_with_code(options) || more, "code is among the words");
}

void check(const app::Options& options) {
    require(options.port || options.socket_port, "at least one port");
    require(options.port != options.socket_port || options.port == ports::Listener::any_port,
            "two different ports");
    require(options.replay <= std::size_t{1} << 30U, "a size to replay that is in range");
    require(options.standby <= 16, "a number of spare processes that is in range");
    require(options.busy_poll_us >= 0 && options.busy_poll_us <= 10'000, "a time that is in range");
    require(options.pty_options.mode <= 0777, "a mode that is in range");
    require(options.max_pending >= 1 && options.max_pending <= 1024, "refusals that are in range");
    check_micropython(options);
}

void check(const app::AttachOptions& options) {
    require(!options.remote.target.host.empty(), "a host to connect to");
    require(options.remote.target.port != 0, "a port to connect to");
    require(options.remote.settings.data_size >= 5 && options.remote.settings.data_size <= 8,
            "data bits that are in range");
    require(options.pty.mode <= 0777, "a mode that is in range");
}

// Words that are quoted and put together are split into the same again.
void check_split(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        text += '\'';
        for (const char c : word) {
            text += c == '\'' ? std::string("'\\''") : std::string(1, c);
        }
        text += "' ";
        app::split_words(word); // it may be no text of words
    }
    require(app::split_words(text).value() == words, "the same words");
}

} // namespace

// The words, with a NUL behind each.
void run(base::ByteView made_up) {
    const auto words = words_from(made_up);
    std::vector<const char*> argv{app::bridge_name};
    for (const auto& word : words) {
        argv.push_back(word.c_str());
    }
    check_split(words);
    const Silenced out(std::cout);
    const Silenced err(std::cerr);
    const auto argc = static_cast<int>(argv.size());
    std::visit([](const auto& result) { check(result); }, app::parse_options(argc, argv.data()));
    std::visit([](const auto& result) { check(result); },
               app::parse_attach_options(argc, argv.data()));
}

} // namespace mpbridge::fuzz
