"""The field's own words as frozen values. numpy only; every other room stands on this one."""
