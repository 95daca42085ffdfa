service S { async void fire(1: string s) }
