typedef Nothing T
