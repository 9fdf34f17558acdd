#include "telnet/option_table.hpp"

namespace mpbridge::telnet {
namespace {

std::size_t index(auto value) { return static_cast<std::size_t>(value); }

} // namespace

// RFC 1143 section 7, for either side. A wish is the peer's WILL or DO; whether it is agreed to
// matters only while the option is off. To decline is its WONT or DONT.
constinit const OptionTable::Transitions OptionTable::transitions = [] {
    using enum State;
    using enum Answer;
    // clang-format off
    return Transitions{{
        // agreed_wish, refused_wish, decline, request_on, request_off
        /* no                */ {{{yes, on}, {no, off}, {no, none}, {want_yes, on}, {no, none}}},
        /* yes               */ {{{yes, none}, {yes, none}, {no, off},
                                  {yes, none}, {want_no, off}}},
        /* want_no           */ {{{no, none}, {no, none}, {no, none},
                                  {want_no_opposite, none}, {want_no, none}}},
        /* want_no_opposite  */ {{{yes, none}, {yes, none}, {want_yes, on},
                                  {want_no_opposite, none}, {want_no, none}}},
        /* want_yes          */ {{{yes, none}, {yes, none}, {no, none},
                                  {want_yes, none}, {want_yes_opposite, none}}},
        /* want_yes_opposite */ {{{want_no, off}, {want_no, off}, {no, none},
                                  {want_yes, none}, {want_yes_opposite, none}}},
    }};
    // clang-format on
}();

void OptionTable::allow(Side side, Option option) { entry(side, option).allowed = true; }

Outcome OptionTable::receive(Verb verb, Option option) {
    const bool theirs = verb == Verb::will || verb == Verb::wont;
    const auto side = theirs ? Side::them : Side::us;
    if (verb == Verb::wont || verb == Verb::dont) {
        return apply(side, option, Input::decline);
    }
    const bool allowed = entry(side, option).allowed;
    return apply(side, option, allowed ? Input::agreed_wish : Input::refused_wish);
}

Outcome OptionTable::request(Side side, Option option, bool on) {
    return apply(side, option, on ? Input::request_on : Input::request_off);
}

bool OptionTable::enabled(Side side, Option option) const {
    return is_on(entries_[index(side)][option].state);
}

bool OptionTable::is_on(State state) {
    return state == State::yes || state == State::want_no || state == State::want_no_opposite;
}

OptionTable::Entry& OptionTable::entry(Side side, Option option) {
    return entries_[index(side)][option];
}

Outcome OptionTable::apply(Side side, Option option, Input input) {
    auto& state = entry(side, option).state;
    const auto [next, answer] = transitions[index(state)][index(input)];
    Outcome outcome;
    outcome.side = side;
    outcome.changed = is_on(state) != is_on(next);
    outcome.refused = input == Input::refused_wish && state == State::no;
    if (answer == Answer::on) {
        outcome.send = side == Side::us ? Verb::will : Verb::do_;
    } else if (answer == Answer::off) {
        outcome.send = side == Side::us ? Verb::wont : Verb::dont;
    }
    state = next;
    return outcome;
}

} // namespace mpbridge::telnet
