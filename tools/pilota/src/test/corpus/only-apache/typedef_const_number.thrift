typedef string Name
const Name X = 5
