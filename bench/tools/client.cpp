// The client that measures; its results are JSON on stdout. The program that obeys it has to be at
// the other end (commands.hpp), the lines are those of line.hpp.

#include "tools/io.hpp"
#include "tools/line.hpp"
#include "tools/measurements.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

namespace mpbridge::bench {

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

struct Options {
    std::string line;
    std::size_t count = 1000;
    std::size_t warm_up = 100;
    std::size_t mebibytes = 16;
    Kind kind = Kind::text;
    std::uint16_t port = 0;
    bool pausing = false;
    unsigned deadline = 60;
};

void show(const Samples& samples) {
    std::cout << R"({"samples_ns":[)";
    const char* separator = "";
    for (const auto& sample : samples) {
        std::cout << separator << sample.count();
        separator = ",";
    }
    std::cout << "]}" << std::endl;
}

void show(Duration duration, std::size_t size) {
    std::cout << R"({"bytes":)" << size << R"(,"ns":)" << duration.count() << '}' << std::endl;
}

// Lets the one who started this look at the bridge meanwhile: says so, and goes on at its newline.
void wait_for_word() {
    std::cout << "pause" << std::endl;
    std::string word;
    std::getline(std::cin, word);
}

void do_nothing() {}

std::unique_ptr<Line> open_synchronised(const Options& options) {
    auto line = open_line(options.line);
    synchronise(*line);
    return line;
}

void run_echo(const Options& options) {
    const auto line = open_synchronised(options);
    show(echo(*line, options.count, options.warm_up, options.pausing ? wait_for_word : do_nothing));
}

void run_bulk_out(const Options& options) {
    const auto line = open_synchronised(options);
    const auto size = options.mebibytes * mebibyte;
    show(bulk_out(*line, options.kind, size), size);
}

void run_bulk_in(const Options& options) {
    const auto line = open_synchronised(options);
    const auto size = options.mebibytes * mebibyte;
    show(bulk_in(*line, size), size);
}

void run_hand_over(const Options& options) {
    const auto line = open_synchronised(options);
    hand_over(*line, options.warm_up);
    show(hand_over(*line, options.count));
}

void run_refusal(const Options& options) {
    const auto holder = open_synchronised(options);
    refusal(options.port, options.warm_up);
    show(refusal(options.port, options.count));
}

void run_connecting(const Options& options) {
    connecting(options.warm_up);
    show(connecting(options.count));
}

// Keeps a core busy until it is killed.
[[noreturn]] void spin() {
    for (volatile bool going = true;;) {
        static_cast<void>(going);
    }
}

class Commands {
  public:
    Commands() {
        app_.require_subcommand(1);
        app_.add_option("--deadline", options_.deadline, "Seconds after which it is killed");
        over_a_line("hold", "Holds the board until it is killed", [](const Options& options) {
            const auto line = open_synchronised(options);
            wait_for_word();
        });
        counted(over_a_line("echo", "One byte there and back", run_echo))
            ->add_flag("--pause", options_.pausing, "Wait for a line of input before and after");
        sized(over_a_line("bulk-out", "Data from the program", run_bulk_out))
            ->add_option("--kind", options_.kind, "What the data is")
            ->transform(CLI::CheckedTransformer(kinds));
        sized(over_a_line("bulk-in", "Data to the program", run_bulk_in));
        counted(over_a_line("hand-over", "Close, connect, first answer", run_hand_over));
        counted(over_a_line("refusal", "Be refused while another client is there", run_refusal))
            ->add_option("--port", options_.port, "Where to be refused")
            ->required();
        counted(command("connect", "A bare TCP connect", run_connecting));
        command("spin", "Keeps a core busy", [](const Options&) { spin(); });
    }

    int run(int argc, char** argv) {
        CLI11_PARSE(app_, argc, argv);
        ::alarm(options_.deadline);
        for (const auto& [subcommand, action] : actions_) {
            if (subcommand->parsed()) {
                action(options_);
            }
        }
        return 0;
    }

  private:
    using Action = void (*)(const Options&);

    inline static const std::map<std::string, Kind> kinds{
        {"text", Kind::text}, {"mixed", Kind::mixed}, {"iac", Kind::iac}};

    CLI::App* command(const std::string& name, const std::string& what, Action action) {
        auto* subcommand = app_.add_subcommand(name, what);
        actions_.emplace(subcommand, action);
        return subcommand;
    }

    CLI::App* over_a_line(const std::string& name, const std::string& what, Action action) {
        auto* subcommand = command(name, what, action);
        subcommand->add_option("line", options_.line, "raw:PORT, rfc2217:PORT, pty:PROGRAM or hop")
            ->required();
        return subcommand;
    }

    CLI::App* counted(CLI::App* subcommand) {
        subcommand->add_option("--count", options_.count, "How often");
        subcommand->add_option("--warm-up", options_.warm_up, "How often before that");
        return subcommand;
    }

    CLI::App* sized(CLI::App* subcommand) {
        subcommand->add_option("--mebibytes", options_.mebibytes, "How much");
        return subcommand;
    }

    CLI::App app_{"Measures what is between it and the program behind a line"};
    Options options_;
    std::map<CLI::App*, Action> actions_;
};

} // namespace

} // namespace mpbridge::bench

int main(int argc, char** argv) {
    try {
        ::signal(SIGPIPE, SIG_IGN);
        return mpbridge::bench::Commands().run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "Error: " << error.what() << '\n';
        return 1;
    }
}
