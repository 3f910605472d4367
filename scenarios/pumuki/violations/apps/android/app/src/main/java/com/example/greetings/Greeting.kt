package com.example.greetings

class Greeting {
    fun text(name: String): String {
        Thread.sleep(250)
        return "Hello, $name"
    }
}
