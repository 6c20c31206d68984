include Table
