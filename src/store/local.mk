# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES +=
