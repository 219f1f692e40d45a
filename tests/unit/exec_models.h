/* exec_models.h - state updaters and thresholds of two published networks, as captured
 * (Brian2 2.9): CUBA with the `exact` and COBAHH with the `exponential_euler` integrator. */
#ifndef EG_TESTS_EXEC_MODELS_H
#define EG_TESTS_EXEC_MODELS_H

#include "network/net.h"

static eg_statement cuba_threshold_statements[] = {
    {"vector", ":=", "_cond",
     "(v>Vt) and not_refractory", "bool"},
};
static eg_binding cuba_threshold_bindings[] = {
    {.name = "N", .kind = "constant", .dtype = "int64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 4000},
    {.name = "Vt", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = -0.05, .integer = 0},
    {.name = "_cond", .kind = "output", .dtype = "bool", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "lastspike", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "lastspike", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "not_refractory", .kind = "array", .dtype = "bool", .owner = "neurongroup", .variable = "not_refractory", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "t", .kind = "array", .dtype = "float64", .owner = "defaultclock", .variable = "t", .index = "0",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "v", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "v", .index = "_idx",
     .guard = "not_refractory", .value = 0.0, .integer = 0},
};
static const eg_executable cuba_threshold = {
    .name = "neurongroup_spike_thresholder",
    .template = "threshold",
    .statements = {cuba_threshold_statements, sizeof cuba_threshold_statements / sizeof *cuba_threshold_statements},
    .bindings = {cuba_threshold_bindings, sizeof cuba_threshold_bindings / sizeof *cuba_threshold_bindings}};

static eg_statement cuba_stateupdate_statements[] = {
    {"vector", "=", "not_refractory",
     "timestep(t - lastspike, dt) >= timestep(0.005, dt)", "bool"},
    {"vector", ":=", "_ge",
     "ge*exp(-dt/taue)", "float64"},
    {"vector", ":=", "_gi",
     "gi*exp(-dt/taui)", "float64"},
    {"vector", ":=", "_v",
     "El - El*exp(-dt*int(not_refractory)/taum) + ge*taue*(-exp(dt/taue) + e"
     "xp(dt*int(not_refractory)/taum))*int(not_refractory)*exp(-dt/taue)*exp"
     "(-dt*int(not_refractory)/taum)/(taue*int(not_refractory) - taum) + gi*"
     "taui*(-exp(dt/taui) + exp(dt*int(not_refractory)/taum))*int(not_refrac"
     "tory)*exp(-dt/taui)*exp(-dt*int(not_refractory)/taum)/(taui*int(not_re"
     "fractory) - taum) + v*exp(-dt*int(not_refractory)/taum)", "float64"},
    {"vector", "=", "ge",
     "_ge", "float64"},
    {"vector", "=", "gi",
     "_gi", "float64"},
    {"vector", "=", "v",
     "_v", "float64"},
};
static eg_binding cuba_stateupdate_bindings[] = {
    {.name = "El", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = -0.049, .integer = 0},
    {.name = "N", .kind = "constant", .dtype = "int64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 4000},
    {.name = "dt", .kind = "array", .dtype = "float64", .owner = "defaultclock", .variable = "dt", .index = "0",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "ge", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "ge", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "gi", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "gi", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "lastspike", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "lastspike", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "not_refractory", .kind = "array", .dtype = "bool", .owner = "neurongroup", .variable = "not_refractory", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "t", .kind = "array", .dtype = "float64", .owner = "defaultclock", .variable = "t", .index = "0",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "taue", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.005, .integer = 0},
    {.name = "taui", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.01, .integer = 0},
    {.name = "taum", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.02, .integer = 0},
    {.name = "v", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "v", .index = "_idx",
     .guard = "not_refractory", .value = 0.0, .integer = 0},
};
static const eg_executable cuba_stateupdate = {
    .name = "neurongroup_stateupdater",
    .template = "stateupdate",
    .statements = {cuba_stateupdate_statements, sizeof cuba_stateupdate_statements / sizeof *cuba_stateupdate_statements},
    .bindings = {cuba_stateupdate_bindings, sizeof cuba_stateupdate_bindings / sizeof *cuba_stateupdate_bindings}};

static eg_statement cobahh_threshold_statements[] = {
    {"vector", ":=", "_cond",
     "(v>-20*mV) and not_refractory", "bool"},
};
static eg_binding cobahh_threshold_bindings[] = {
    {.name = "N", .kind = "constant", .dtype = "int64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 4000},
    {.name = "_cond", .kind = "output", .dtype = "bool", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "lastspike", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "lastspike", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "mV", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.001, .integer = 0},
    {.name = "not_refractory", .kind = "array", .dtype = "bool", .owner = "neurongroup", .variable = "not_refractory", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "t", .kind = "array", .dtype = "float64", .owner = "defaultclock", .variable = "t", .index = "0",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "v", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "v", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
};
static const eg_executable cobahh_threshold = {
    .name = "neurongroup_spike_thresholder",
    .template = "threshold",
    .statements = {cobahh_threshold_statements, sizeof cobahh_threshold_statements / sizeof *cobahh_threshold_statements},
    .bindings = {cobahh_threshold_bindings, sizeof cobahh_threshold_bindings / sizeof *cobahh_threshold_bindings}};

static eg_statement cobahh_stateupdate_statements[] = {
    {"vector", "=", "not_refractory",
     "timestep(t - lastspike, dt) >= timestep(0.003, dt)", "bool"},
    {"vector", ":=", "_ge",
     "ge*exp(-1.0*dt/taue)", "float64"},
    {"vector", ":=", "_gi",
     "gi*exp(-1.0*dt/taui)", "float64"},
    {"vector", ":=", "_BA_h",
     "0.128*exp(17/18)*exp(VT/(18*mV))*exp(-v/(18*mV))/(ms*(-4.0/(ms*exp(8)*"
     "exp(VT/(5*mV))*exp(-v/(5*mV)) + ms) - 0.128*exp(17/18)*exp(VT/mV)**(1/"
     "18)/(ms*exp(v/mV)**(1/18))))", "float64"},
    {"vector", ":=", "_h",
     "-_BA_h + (_BA_h + h)*exp(dt*(-4.0/(ms*exp(8)*exp(VT/(5*mV))*exp(-v/(5*"
     "mV)) + ms) - 0.128*exp(17/18)*exp(VT/mV)**(1/18)/(ms*exp(v/mV)**(1/18)"
     ")))", "float64"},
    {"vector", ":=", "_BA_m",
     "1.28/(ms*(-1.28/(ms*exprel(VT/(4*mV) + 13/4 - v/(4*mV))) - 1.4/(ms*exp"
     "rel(-VT/(5*mV) - 8 + v/(5*mV))))*exprel(VT/(4*mV) + 13/4 - v/(4*mV)))", "float64"},
    {"vector", ":=", "_m",
     "-_BA_m + (_BA_m + m)*exp(dt*(-1.28/(ms*exprel(VT/(4*mV) + 13/4 - v/(4*"
     "mV))) - 1.4/(ms*exprel(-VT/(5*mV) - 8 + v/(5*mV)))))", "float64"},
    {"vector", ":=", "_BA_n",
     "0.16/(ms*(-0.5*exp(1/4)*exp(VT/mV)**(1/40)/(ms*exp(v/mV)**(1/40)) - 0."
     "16/(ms*exprel(VT/(5*mV) + 3 - v/(5*mV))))*exprel(VT/(5*mV) + 3 - v/(5*"
     "mV)))", "float64"},
    {"vector", ":=", "_n",
     "-_BA_n + (_BA_n + n)*exp(dt*(-0.5*exp(1/4)*exp(VT/mV)**(1/40)/(ms*exp("
     "v/mV)**(1/40)) - 0.16/(ms*exprel(VT/(5*mV) + 3 - v/(5*mV)))))", "float64"},
    {"vector", ":=", "_BA_v",
     "(EK*g_kd*n**4/Cm + ENa*g_na*h*m**3/Cm + Ee*ge/Cm + Ei*gi/Cm + El*gl/Cm"
     ")/(-g_kd*n**4/Cm - g_na*h*m**3/Cm - ge/Cm - gi/Cm - gl/Cm)", "float64"},
    {"vector", ":=", "_v",
     "-_BA_v + (_BA_v + v)*exp(dt*(-g_kd*n**4/Cm - g_na*h*m**3/Cm - ge/Cm - "
     "gi/Cm - gl/Cm))", "float64"},
    {"vector", "=", "ge",
     "_ge", "float64"},
    {"vector", "=", "gi",
     "_gi", "float64"},
    {"vector", "=", "h",
     "_h", "float64"},
    {"vector", "=", "m",
     "_m", "float64"},
    {"vector", "=", "n",
     "_n", "float64"},
    {"vector", "=", "v",
     "_v", "float64"},
};
static eg_binding cobahh_stateupdate_bindings[] = {
    {.name = "Cm", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 2e-10, .integer = 0},
    {.name = "EK", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = -0.09, .integer = 0},
    {.name = "ENa", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.05, .integer = 0},
    {.name = "Ee", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "Ei", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = -0.08, .integer = 0},
    {.name = "El", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = -0.06, .integer = 0},
    {.name = "N", .kind = "constant", .dtype = "int64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.0, .integer = 4000},
    {.name = "VT", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = -0.063, .integer = 0},
    {.name = "dt", .kind = "array", .dtype = "float64", .owner = "defaultclock", .variable = "dt", .index = "0",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "g_kd", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 6e-06, .integer = 0},
    {.name = "g_na", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 2e-05, .integer = 0},
    {.name = "ge", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "ge", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "gi", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "gi", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "gl", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 1e-08, .integer = 0},
    {.name = "h", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "h", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "lastspike", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "lastspike", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "m", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "m", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "mV", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.001, .integer = 0},
    {.name = "ms", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.001, .integer = 0},
    {.name = "n", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "n", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "not_refractory", .kind = "array", .dtype = "bool", .owner = "neurongroup", .variable = "not_refractory", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "t", .kind = "array", .dtype = "float64", .owner = "defaultclock", .variable = "t", .index = "0",
     .guard = "", .value = 0.0, .integer = 0},
    {.name = "taue", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.005, .integer = 0},
    {.name = "taui", .kind = "constant", .dtype = "float64", .owner = "", .variable = "", .index = "",
     .guard = "", .value = 0.01, .integer = 0},
    {.name = "v", .kind = "array", .dtype = "float64", .owner = "neurongroup", .variable = "v", .index = "_idx",
     .guard = "", .value = 0.0, .integer = 0},
};
static const eg_executable cobahh_stateupdate = {
    .name = "neurongroup_stateupdater",
    .template = "stateupdate",
    .statements = {cobahh_stateupdate_statements, sizeof cobahh_stateupdate_statements / sizeof *cobahh_stateupdate_statements},
    .bindings = {cobahh_stateupdate_bindings, sizeof cobahh_stateupdate_bindings / sizeof *cobahh_stateupdate_bindings}};

#endif
